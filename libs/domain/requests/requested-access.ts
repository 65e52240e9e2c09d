import type { EndedWith } from '../lifecycle/ended-with.ts';
import type { Instant } from '../identity/facts.ts';
import type { AskedException } from './asked-exception.ts';

/** An approved item of a request: a fact about the person, with its bounds. */
export interface RequestedAccess {
  readonly id: string;
  readonly requestId: string;
  readonly kind: 'role' | 'entitlement';
  readonly name: string;
  /** Time of the approval. */
  readonly validFrom: Instant;
  /** End, exclusive. Requested access always ends. */
  readonly validUntil: Instant;
  /** SoD exceptions that its approvers allowed. */
  readonly exceptions: readonly AskedException[];
  /** Time at which its owner decided to keep it although policy no longer lets the person request it; `null`: not decided. */
  readonly keptAt: Instant | null;
  /** True if it was taken as break-glass access, without an approval. */
  readonly isBreakGlass?: boolean;
  /** End of the person's relationship with which it ended: it applies again if that relationship continues. Absent or `null`: it has not ended. */
  readonly endedWith?: EndedWith | null;
}
