/** Condition that an account is among this share of all, from 0 to 1. @param seed which ones */
export function someAccounts(share: number, seed: number): (userName: string) => boolean {
  return (userName) => {
    let sum = seed;
    for (const character of userName) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 1009;
    return sum < share * 1009;
  };
}
