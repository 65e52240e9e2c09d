import type { Instant } from '../identity/facts.ts';

/**
 * Origin of a batch change that neither a source nor a policy version has caused. `switch-on`: the target's mode becomes `enforce`; `corrections`:
 * differences that reconciliation has found in the target are corrected; `undo`: an earlier batch change is undone.
 */
export type BatchOrigin = { readonly kind: 'switch-on' | 'corrections'; readonly target: string } | UndoOrigin;

/** Origin of the undo of a batch change. */
export interface UndoOrigin {
  readonly kind: 'undo';
  /** Id of the batch change that is undone. */
  readonly batchId: string;
  /** Kind and id of the actor who requested it. */
  readonly requestedBy: string;
  /** Key of the requester's budget of urgent ends: a second person is another one. */
  readonly requesterKey: string;
  /** Free text of the requester. */
  readonly reason: string;
  /** Bounds of memberships that come back though no rule gives them; absent: of a batch change that has taken none. */
  readonly kept?: KeptAccess;
}

/** Access that nothing but a decision of a person justifies: somebody answers for it until it ends. */
export interface KeptAccess {
  readonly until: Instant;
  /** Id of the person who answers for it; `null`: nobody does, and it is not kept. */
  readonly ownerId: string | null;
}
