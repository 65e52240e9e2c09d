/** Questions that wait for a person. */
export const CASE_KINDS = [
  'operation-failed',
  'account-conflict',
  'target-refuses',
  'identity-provider-fails',
  'end-not-confirmed',
  'ambiguous-record',
  'ambiguous-login',
  'policy-evaluation',
  'separation-conflict',
  'separation-violation',
  'hire-called-off',
  'transfer',
  'facts-missing',
  'break-glass-review',
  'request-without-approver',
  'requested-access-questionable',
  'contract-ending',
  'sponsor-missing',
  'inactive',
  'change-budget',
  'vanished-from-feed',
  'notice-undeliverable',
] as const;

export type CaseKind = (typeof CASE_KINDS)[number];
