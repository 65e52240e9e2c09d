/** True for this share of all user names, always the same ones. */
export function isHidden(userName: string, share: number): boolean {
  let sum = 7;
  for (const character of userName) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 1000;
  return sum < share * 1000;
}
