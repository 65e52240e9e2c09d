import type { Instant } from '@tenure/domain';
import type { Worked } from './worked.ts';

/**
 * Result of one account once it is saved. `confirmed`: a read-back shows the desired state; `not-visible`: all is carried out and the target cannot
 * show some of it; `waiting`: for a human decision, or for provisioning to be resumed; `outdated`: the desired state has changed since; `unsettled`:
 * to be tried again.
 */
export interface Saved {
  readonly worked: Worked;
  readonly outcome: 'confirmed' | 'not-visible' | 'waiting' | 'outdated' | 'unsettled';
  /** When the end was decided of the person whose last account this was to be read back as closed. */
  readonly closedSince: Instant | null;
}
