import { randomInt, randomUUID } from 'node:crypto';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Id of no account, in the form of an existing one: some targets refuse ids of another form, or fail. */
export function nobodyLike(id: string): string {
  // Nine digits: long enough to be unused, and short enough for a number of 32 bits.
  if (/^\d+$/.test(id)) return String(randomInt(900_000_000, 1_000_000_000));
  if (uuid.test(id) || id.length < 12) return randomUUID();
  return id
    .replace(/[0-9]/g, () => String(randomInt(10)))
    .replace(/[a-f]/g, () => 'abcdef'.charAt(randomInt(6)))
    .replace(/[g-z]/g, () => 'ghijklmnopqrstuvwxyz'.charAt(randomInt(20)));
}
