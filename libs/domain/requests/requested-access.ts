import type { EndedWith } from '../lifecycle/ended-with.ts';
import type { Instant } from '../identity/facts.ts';
import type { AskedException } from './asked-exception.ts';

/** An approved item of a request: a fact about the person, with its bounds. */
export interface RequestedAccess {
  readonly id: string;
  readonly requestId: string;
  readonly kind: 'role' | 'entitlement';
  readonly name: string;
  /** The instant of approval. */
  readonly validFrom: Instant;
  /** Exclusive. Nothing that is asked for is for ever. */
  readonly validUntil: Instant;
  /** What its approvers let it be held beside, in spite of separation of duties. */
  readonly exceptions: readonly AskedException[];
  /** When its owner decided that it stays though policy would not let it be asked for any more. */
  readonly keptAt: Instant | null;
  /** Taken as break-glass access, without asking. */
  readonly isBreakGlass?: boolean;
  /** With which time of the person it ended: it holds again where that time goes on after all. Absent and `null`: it has not ended. */
  readonly endedWith?: EndedWith | null;
}
