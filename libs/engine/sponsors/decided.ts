import type { Sponsorship, StoredIdentity } from '@tenure/store';

/** A person who was decided about: the identity before and after, and the sponsor before. */
export interface Decided {
  readonly before: StoredIdentity;
  readonly after: StoredIdentity;
  readonly sponsorship: Sponsorship | null;
  /** Living-sponsor status that the decision used; absent: it was not determined. */
  readonly sponsorLives?: boolean | undefined;
}
