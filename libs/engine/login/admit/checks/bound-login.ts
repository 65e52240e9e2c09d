import { LoginRefused } from '@tenure/domain';
import type { BoundSubject, LoginLink, PendingLogin } from '@tenure/store';
import type { KeysOfBoundLogin } from '../../changed-keys.ts';
import type { Refusal } from './refusal.ts';

/** A login of a bound subject, with its present and earlier claims. */
export interface BoundLoginNow {
  readonly provider: { readonly name: string };
  readonly nameIdFormat: string | null;
  readonly bound: Pick<BoundSubject, 'identityId' | 'recordId' | 'nameIdFormat'>;
  readonly said: KeysOfBoundLogin;
  /** Link by which its creator confirms the login; `null`: there is none. */
  readonly link: LoginLink | null;
}

/** Refusal of a bound subject that may be another person by now: its claims are kept for an administrator's decision. */
export function mayBeAnother({ provider, nameIdFormat, bound, said }: BoundLoginNow, why: PendingLogin['why']): Refusal {
  const { identityId, recordId } = bound;
  const { keys, changed } = said;
  return {
    refused: new LoginRefused(why, `a bound subject has changed: ${changed.join(', ') || 'the format of its name identifier'}`, { identityId }),
    keeps: {
      pending: { why, keys, nameIdFormat },
      question: recordId === null ? null : { recordId, identityId, provider: provider.name, why, changed },
    },
  };
}
