import { durationToMilliseconds } from '@tenure/domain';
import type { LocatedProblem, Path } from './yaml-file.ts';

export function checkDuration(path: Path, duration: string | undefined): LocatedProblem[] {
  const length = duration === undefined ? null : durationToMilliseconds(duration);
  if (duration === undefined || (length !== null && length > 0)) return [];
  return [{ path, message: `"${duration}" is no duration in weeks, days, hours, minutes and seconds; write it like PT5S or P1D` }];
}
