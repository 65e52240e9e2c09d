import type { LoginRefused } from '../errors.ts';

/**
 * One accept step of a login: a pure function of what is known by then, named after what it says yes to.
 * @returns its no; `null`: yes
 */
export type LoginCheck<Known, No = LoginRefused> = (known: Known) => No | null;

/** The first no of a list, in its order; `null`: every check says yes. */
export function firstNo<Known, No>(checks: readonly LoginCheck<Known, No>[], known: Known): No | null {
  for (const check of checks) {
    const no = check(known);
    if (no !== null) return no;
  }
  return null;
}

/** @throws LoginRefused the first no of a list */
export function mustPass<Known>(checks: readonly LoginCheck<Known>[], known: Known): void {
  const no = firstNo(checks, known);
  if (no !== null) throw no;
}
