import type { KeysOfLogin, LoginLink } from '@tenure/store';

/** A login of a known person, of which everything but the session is decided. */
export interface Entering {
  readonly provider: { readonly name: string };
  readonly nameIdFormat: string | null;
  readonly identityId: string;
  readonly recordId: string;
  readonly keys: KeysOfLogin;
  /** True: the subject was bound before this login. */
  readonly isBound: boolean;
  readonly link: LoginLink | null;
  /** True: another subject of this provider is bound to the person. */
  readonly hasOtherSubject: boolean;
  /** True: the login may act with the person's rights in Tenure (`mayEnter`). */
  readonly mayEnter: boolean;
}
