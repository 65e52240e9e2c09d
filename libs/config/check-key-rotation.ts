import { durationToMilliseconds } from '@tenure/domain';
import type { KeyRotationPurpose } from './configuration.ts';
import { readKeyRotation } from './key-rotation.ts';
import type { RawTenure } from './raw-tenure.ts';
import { checkDuration } from './check-duration.ts';
import type { LocatedProblem } from './yaml-file.ts';

/** Shortest time for which a key is published before it signs: the API looks for keys each half minute, and clocks differ. */
const shortestPublication = 10 * 60_000;

/** Checks that a key is published before it signs, and that it signs for longer than that. */
export function checkKeyRotation(raw: RawTenure['keys'] = {}): LocatedProblem[] {
  return (Object.keys(raw) as KeyRotationPurpose[]).flatMap((purpose): LocatedProblem[] => {
    const { rotateEvery, publishBefore } = raw[purpose] ?? {};
    const problems = [
      ...(rotateEvery === 'never' ? [] : checkDuration(['keys', purpose, 'rotateEvery'], rotateEvery)),
      ...checkDuration(['keys', purpose, 'publishBefore'], publishBefore),
    ];
    if (problems.length > 0) return problems;
    if (publishBefore !== undefined && (durationToMilliseconds(publishBefore) ?? 0) < shortestPublication)
      return [{ path: ['keys', purpose, 'publishBefore'], message: `"${publishBefore}" is too short: a key is published for PT10M at least before it signs` }];
    const settings = readKeyRotation(raw)[purpose];
    if (settings.rotateEvery !== null && settings.rotateEvery < 2 * settings.publishBefore) {
      const field = rotateEvery === undefined ? 'publishBefore' : 'rotateEvery';
      return [{ path: ['keys', purpose, field], message: `rotateEvery has to be at least twice as long as publishBefore` }];
    }
    return [];
  });
}
