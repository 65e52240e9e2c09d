import type { Sponsorship, StoredIdentity } from '@tenure/store';

/** Somebody who was decided about: how they were, how they are, and who answered for them. */
export interface Decided {
  readonly before: StoredIdentity;
  readonly after: StoredIdentity;
  readonly sponsorship: Sponsorship | null;
  /** Living-sponsor status that the decision used; absent: it was not determined. */
  readonly sponsorLives?: boolean | undefined;
}
