/** How a whole target is read. */
export interface ReconciliationSettings {
  /** Milliseconds between two runs; `null`: only on request. */
  readonly every: number | null;
  /** User names of accounts that are listed and never changed. */
  readonly protectedAccounts: readonly string[];
}

const day = 86_400_000;

/** Settings of a target, with what tenure.yaml leaves out. */
export function reconciliationOf({ reconciliation }: { readonly reconciliation?: Partial<ReconciliationSettings> }): ReconciliationSettings {
  return { every: day, protectedAccounts: [], ...reconciliation };
}
