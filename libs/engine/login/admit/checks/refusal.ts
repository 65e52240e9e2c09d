import type { LoginRefused } from '@tenure/domain';
import type { PendingLogin } from '@tenure/store';
import type { LoginQuestion } from '../../login-case.ts';

/** Refusal by a check, with the data of the login that stay stored. */
export interface Refusal {
  readonly refused: LoginRefused;
  /** `null`: nothing that the login wrote stays, except that its answer is used up. */
  readonly keeps: KeptOfRefused | null;
}

/** Traces of a refused login for an administrator, beside the case that taking its record has opened. */
export interface KeptOfRefused {
  /** Statement of the bound subject, for the decision; `null`: none. */
  readonly pending: PendingLogin | null;
  /** Case to open; `null`: none. */
  readonly question: LoginQuestion | null;
}

/** Refusal that keeps nothing. */
export function refuse(refused: LoginRefused): Refusal {
  return { refused, keeps: null };
}
