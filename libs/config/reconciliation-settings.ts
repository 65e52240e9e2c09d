import { READING_SETTINGS, type ReadingSettings } from './reading-settings.ts';
import type { FindingHandlings } from '@tenure/domain';

/** Settings of a target's reconciliation. */
export interface ReconciliationSettings extends ReadingSettings {
  /** Milliseconds between two runs; `null`: runs only on request. */
  readonly every: number | null;
  /** User names of protected accounts, which are listed and never changed. */
  readonly protectedAccounts: readonly string[];
  /** Handling of findings by kind; absent kinds are cases. */
  readonly findings: FindingHandlings;
  /** Milliseconds for which an account of nobody stays disabled before it is deleted. */
  readonly grace: number;
}

const day = 86_400_000;

/** Settings of a target, with defaults for those that tenure.yaml leaves out. */
export function reconciliationOf({ reconciliation }: { readonly reconciliation?: Partial<ReconciliationSettings> }): ReconciliationSettings {
  return { every: day, protectedAccounts: [], findings: {}, grace: 30 * day, ...READING_SETTINGS, ...reconciliation };
}
