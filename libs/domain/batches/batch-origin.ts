/**
 * Origin of a batch change that neither a source nor a policy version has caused. `switch-on`: the target's mode becomes `enforce`; `corrections`:
 * differences that reconciliation has found in the target are corrected; `undo`: an earlier batch change is undone.
 */
export type BatchOrigin =
  | { readonly kind: 'switch-on' | 'corrections'; readonly target: string }
  | { readonly kind: 'undo' /** Id of the batch change that is undone. */; readonly batchId: string };
