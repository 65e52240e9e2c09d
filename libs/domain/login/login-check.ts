import type { LoginRefused } from '../errors.ts';

/**
 * One check of a login: a pure function of the facts known by then, named after the condition that it requires.
 * @returns the refusal; `null`: accepted
 */
export type LoginCheck<Known, No = LoginRefused> = (known: Known) => No | null;

/** First refusal of a list of checks, in its order; `null`: every check accepts. */
export function firstNo<Known, No>(checks: readonly LoginCheck<Known, No>[], known: Known): No | null {
  for (const check of checks) {
    const no = check(known);
    if (no !== null) return no;
  }
  return null;
}

/** @throws LoginRefused the first refusal of a list of checks */
export function mustPass<Known>(checks: readonly LoginCheck<Known>[], known: Known): void {
  const no = firstNo(checks, known);
  if (no !== null) throw no;
}
