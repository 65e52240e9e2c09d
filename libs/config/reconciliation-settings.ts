import { READING_SETTINGS, type ReadingSettings } from './reading-settings.ts';

/** Settings of a target's reconciliation. */
export interface ReconciliationSettings extends ReadingSettings {
  /** Milliseconds between two runs; `null`: runs only on request. */
  readonly every: number | null;
  /** User names of protected accounts, which are listed and never changed. */
  readonly protectedAccounts: readonly string[];
}

const day = 86_400_000;

/** Settings of a target, with defaults for those that tenure.yaml leaves out. */
export function reconciliationOf({ reconciliation }: { readonly reconciliation?: Partial<ReconciliationSettings> }): ReconciliationSettings {
  return { every: day, protectedAccounts: [], ...READING_SETTINGS, ...reconciliation };
}
