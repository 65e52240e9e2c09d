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
}
