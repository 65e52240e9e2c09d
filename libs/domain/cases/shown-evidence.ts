import type { CaseKind } from './case-kind.ts';

/** Names of evidence whose stored form differs from the one for clients, by kind of case. */
const NAMES: { readonly [K in CaseKind]?: Readonly<Record<string, string>> } = {
  'account-moved': { wanted: 'desired' },
  'end-not-confirmed': { wanted: 'desired', wantedSince: 'desiredSince' },
  'protected-account': { wanted: 'desired' },
  'separation-conflict': { heldBack: 'withheld' },
  'separation-violation': { found: 'observed' },
  transfer: { held: 'grants' },
  'facts-missing': { isHeld: 'isWithheld' },
  'break-glass-review': { separation: 'violatedRules' },
  'contract-ending': { latest: 'latestEndsAt' },
  'change-budget': { waveId: 'batchChangeId', holders: 'ownerGroup' },
  'notice-undeliverable': { notice: 'notification' },
};

/** Evidence of a case with the names for clients. Stored evidence keeps its names, since cases are kept for years. */
export function shownEvidence(kind: string, evidence: object): Readonly<Record<string, unknown>> {
  const names = NAMES[kind as CaseKind] ?? {};
  return Object.fromEntries(Object.entries(evidence).map(([name, value]) => [names[name] ?? name, value]));
}
