import type { Lie } from './hands.ts';

/** True for the accounts that a lie leaves out: the same ones as long as it is told. */
export function isHidden(userName: string, { share, seed }: Extract<Lie, { readonly kind: 'leaves-out' }>): boolean {
  let sum = seed;
  for (const character of userName) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 1009;
  return sum < share * 1009;
}
