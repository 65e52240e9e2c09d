import { isDeepStrictEqual } from 'node:util';

/** True if two values are equal as JSON: absent and undefined alike, whatever the order of keys. */
export function sameJson(a: unknown, b: unknown): boolean {
  return isDeepStrictEqual(JSON.parse(JSON.stringify(a) ?? 'null'), JSON.parse(JSON.stringify(b) ?? 'null'));
}
