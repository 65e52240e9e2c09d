import { isDeepStrictEqual } from 'node:util';

/** Whether two values say the same once written as JSON: absent and undefined alike, whatever the order of keys. */
export function sameJson(a: unknown, b: unknown): boolean {
  return isDeepStrictEqual(JSON.parse(JSON.stringify(a) ?? 'null'), JSON.parse(JSON.stringify(b) ?? 'null'));
}
