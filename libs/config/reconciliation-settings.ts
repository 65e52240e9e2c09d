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

/** User names of protected accounts of a target, in lower case: they are compared without case. */
export function protectedNamesOf(settings: Parameters<typeof reconciliationOf>[0]): ReadonlySet<string> {
  return new Set(reconciliationOf(settings).protectedAccounts.map((name) => name.toLowerCase()));
}

/**
 * True if one of these user names is protected in a target: the account is listed, and only a person changes it.
 * @param names that the account has there, or is to have; `null`: not known
 */
export function isProtectedAccount(settings: Parameters<typeof reconciliationOf>[0] | undefined, ...names: readonly (string | null | undefined)[]): boolean {
  const protectedNames = protectedNamesOf(settings ?? {});
  return protectedNames.size > 0 && names.some((name) => name != null && protectedNames.has(name.toLowerCase()));
}
