import type { SeparationRule } from '../policy/policy.ts';

/** True if holding all of these breaks a rule of separation: more of its sets are touched than may be. */
export function breaks({ conflicting, atMost }: SeparationRule, names: readonly string[]): boolean {
  return conflicting.filter((set) => set.some((one) => names.includes(one))).length > atMost;
}
