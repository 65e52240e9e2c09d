import type { Facts, Instant, LeftOut, UserType } from '@tenure/domain';

/** Record of one source about one person, as it arrives. */
export interface IncomingRecord {
  readonly source: string;
  readonly externalId: string;
  /** The source's own counter, digits only: an older one than we have is left aside. */
  readonly version: string;
  readonly facts: Facts;
  readonly groups?: readonly string[] | null;
  readonly status: 'active' | 'ended' | null;
  readonly endedAt: Instant | null;
  /** The last day (`YYYY-MM-DD`) in place of an instant: it ends where the person is by then. */
  readonly endedOn?: string | null;
  /** True if the source states that the e-mail is verified; counts only where it is trusted for the domain. HR's records need no check. */
  readonly emailVerified?: boolean;
  /**
   * Claims of a login: the kind of person that it states (`null`: none), and the attributes that it leaves out and that stay as they were stated
   * before.
   */
  readonly asserted?: { readonly userType: UserType | null; readonly leftOut: LeftOut };
  /** Subject of a login. `nameIdFormat`: SAML's; `null`: not known. */
  readonly boundTo?: string | null;
  /** Of a login: its subject. `nameIdFormat`: SAML's; `null`: not known. */
  readonly login?: { readonly issuer: string; readonly nameIdFormat: string | null };
  /** True: a complete import did not name it, so its last content is ended, in the same version. */
  readonly hasVanished?: boolean;
  /** Last record sent for a person who vanished from a complete import before that record was in force. */
  readonly vanishedFrom?: IncomingRecord;
}
