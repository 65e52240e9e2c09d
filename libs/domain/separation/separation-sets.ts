import type { SeparationRule } from '../policy/policy.ts';

/** True if having all of these violates an SoD rule: they are from more of its sets than allowed. */
export function breaks({ conflicting, atMost }: SeparationRule, names: readonly string[]): boolean {
  return conflicting.filter((set) => set.some((one) => names.includes(one))).length > atMost;
}
