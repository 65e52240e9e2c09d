import { randomInt, randomUUID } from 'node:crypto';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** An id that no account has, in the form of one that has: some targets refuse, or fail over, ids of another form. */
export function nobodyLike(id: string): string {
  // Nine digits: long enough to be nobody's, and short enough for a number of 32 bits.
  if (/^\d+$/.test(id)) return String(randomInt(900_000_000, 1_000_000_000));
  if (uuid.test(id) || id.length < 12) return randomUUID();
  return id
    .replace(/[0-9]/g, () => String(randomInt(10)))
    .replace(/[a-f]/g, () => 'abcdef'.charAt(randomInt(6)))
    .replace(/[g-z]/g, () => 'ghijklmnopqrstuvwxyz'.charAt(randomInt(20)));
}
