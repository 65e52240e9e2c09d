import { LoginRefused } from '@tenure/domain';
import type { BoundSubject, LoginLink, PendingLogin } from '@tenure/store';
import type { KeysOfBoundLogin } from '../../changed-keys.ts';
import type { Refusal } from './refusal.ts';

/** A login of a bound subject, with what it says of itself now and said before. */
export interface BoundLoginNow {
  readonly provider: { readonly name: string };
  readonly nameIdFormat: string | null;
  readonly bound: Pick<BoundSubject, 'identityId' | 'recordId' | 'nameIdFormat'>;
  readonly said: KeysOfBoundLogin;
  /** Somebody vouches for whose login it is; `null`: nobody does. */
  readonly link: LoginLink | null;
}

/** No for a bound subject that may be somebody else by now: what it says is kept for an administrator's decision. */
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
