import { CLOSES_BY, handlingsOf, type FindingKind } from '@tenure/domain';
import type { CaseFile, InboxCase, InboxCaseOf, InboxKind } from '@tenure/store';

/** Action that the caller may take on a case now. */
export interface CaseAction {
  /** Name of the mutation. */
  readonly mutation: string;
  /** Values of arguments that follow from the case. */
  readonly with: Readonly<Record<string, unknown>>;
  /** Names of arguments that the person has to provide. */
  readonly needs: readonly string[];
}

/** Caller, as seen from a case. */
export interface CaseReader {
  /** `null`: a service, to which no case is assigned. */
  readonly personId: string | null;
  readonly isOperator: boolean;
  readonly isAdmin: boolean;
  /** True if the case is theirs: as its owner, as one of those who may answer, or as an approver. */
  readonly isTheirs: boolean;
}

/** Mutations that answer a case of each kind, and whether operators or the case's owner may call them; `null`: none. */
const answers: { readonly [K in InboxKind]: ((found: InboxCaseOf<K>, standing: CaseReader) => readonly CaseAction[]) | null } = {
  'operation-failed': decideOperation,
  'account-conflict': decideOperation,
  'target-refuses': ({ target }, { isOperator }) =>
    isOperator
      ? [
          { mutation: 'checkConnection', with: { kind: 'TARGET', name: target }, needs: [] },
          { mutation: 'suspendProvisioning', with: { target }, needs: ['until', 'reason'] },
        ]
      : [],
  'identity-provider-fails': ({ evidence }, { isOperator }) =>
    isOperator ? [{ mutation: 'checkConnection', with: { kind: 'IDENTITY_PROVIDER', name: evidence.provider }, needs: [] }] : [],
  'target-refuses-change': ({ target }, { isOperator }) => (isOperator ? [{ mutation: 'retryOperations', with: { target }, needs: ['reason'] }] : []),
  'write-without-effect': ({ target }, { isOperator }) => (isOperator ? [{ mutation: 'retryOperations', with: { target }, needs: ['reason'] }] : []),
  'not-visible': null,
  'account-moved': null,
  'account-not-visible': null,
  'end-not-confirmed': null,
  'leaver-with-access': null,
  'reconciliation-findings': ({ target, evidence }, { isOperator }) => {
    // A case of an earlier version may lack it.
    if (!isOperator || evidence.finding === undefined) return [];
    const about = { target, kind: evidence.finding.toUpperCase().replaceAll('-', '_'), ...(evidence.name === '' ? {} : { name: evidence.name }) };
    const correct = isCorrectableKind(evidence.finding) ? [{ mutation: 'correctFindings', with: about, needs: ['reason'] }] : [];
    return [...correct, { mutation: 'ignoreFindings', with: { input: about }, needs: ['input.until', 'input.reason'] }];
  },
  'quarantine-failed': null,
  'target-not-read': ({ target }, { isOperator }) => (isOperator ? [{ mutation: 'reconcileTarget', with: { target }, needs: ['reason'] }] : []),
  'target-restored': ({ target }, { isOperator }) => (isOperator ? [{ mutation: 'reconcileTarget', with: { target }, needs: ['reason'] }] : []),
  'target-observed': ({ target }, { isOperator }) => (isOperator ? [{ mutation: 'switchOnTarget', with: { target }, needs: ['reason'] }] : []),
  'protected-account': ({ target }, { isOperator }) => (isOperator ? [{ mutation: 'reconcileTarget', with: { target }, needs: ['reason'] }] : []),
  'ambiguous-record': ({ id, evidence }, { isOperator, isAdmin }) =>
    isOperator
      ? [
          { mutation: 'decideRecord', with: { caseId: id }, needs: ['identityId or newPerson', 'version', 'reason'] },
          ...(isAdmin && evidence.why === 'another-subject'
            ? [{ mutation: 'rebindLogin', with: { caseId: id }, needs: ['identityId', 'version', 'reason'] }]
            : []),
        ]
      : [],
  'ambiguous-login': ({ id }, { isAdmin }) => (isAdmin ? [{ mutation: 'decideLogin', with: { caseId: id }, needs: ['samePerson', 'reason'] }] : []),
  'policy-evaluation': null,
  'separation-conflict': exceptIt,
  'separation-violation': exceptIt,
  transfer: null,
  'hire-called-off': null,
  'end-before-start': ({ evidence }, { isOperator }) =>
    isOperator ? [{ mutation: 'correctRecord', with: { recordId: evidence.recordId }, needs: ['version', 'status, endedAt or attributes', 'reason'] }] : [],
  'facts-missing': null,
  'request-without-approver': null,
  'requested-access-questionable': ({ evidence }) => [{ mutation: 'decideRequestedAccess', with: { itemId: evidence.itemId }, needs: ['decision', 'reason'] }],
  'break-glass-review': ({ evidence }) => [{ mutation: 'reviewBreakGlass', with: { itemId: evidence.itemId }, needs: ['justified', 'comment'] }],
  'contract-ending': ({ identityId }) => [{ mutation: 'extendContract', with: { identityId }, needs: ['until', 'reason'] }],
  'sponsor-missing': null,
  inactive: null,
  'vanished-from-feed': null,
  'notice-undeliverable': null,
  'token-ending': null,
  'urgent-ends': decideEnds,
  'repair-approval': decideRepair,
  'logout-not-confirmed': ({ evidence }, { isOperator }) =>
    isOperator ? [{ mutation: 'retryLogoutNotifications', with: { application: evidence.application }, needs: ['reason'] }] : [],
  'application-address': ({ id }, { isOperator }) =>
    isOperator ? [{ mutation: 'decideApplicationAddress', with: { caseId: id }, needs: ['mayBeSent', 'reason'] }] : [],
  'change-budget': ({ evidence }) => [
    { mutation: 'approveBatchChange', with: { id: evidence.waveId }, needs: ['digest', 'reason'] },
    { mutation: 'discardBatchChange', with: { id: evidence.waveId }, needs: ['reason'] },
  ],
  'request-approval': ({ id }, { isTheirs }) => (isTheirs ? [{ mutation: 'decideRequestItem', with: { itemId: id }, needs: ['approve', 'comment'] }] : []),
};

/** Actions of the caller on a case. None on one that is closed, that is others', or that is about themselves. */
export function actionsOf(found: InboxCase, standing: CaseReader): readonly CaseAction[] {
  const { id, status, kind, identityId, claimedBy } = found;
  const { personId, isOperator, isTheirs } = standing;
  if (status !== 'open' || !(isOperator || isTheirs) || (personId !== null && personId === identityId)) return [];
  const answering = answersTo(kind, found, standing);
  // The approvers of a request are chosen by the policy, and by their own delegations.
  if (kind === 'request-approval') return answering;
  const claiming = personId === null || (claimedBy !== null && claimedBy !== personId) ? [] : [claimedBy === null ? 'claimCase' : 'releaseCase'];
  const freeing = isOperator && claimedBy !== null && claimedBy !== personId ? ['releaseCase'] : [];
  return [
    ...answering,
    ...(CLOSES_BY[kind] === 'word' ? [{ mutation: 'resolveCase', with: { id }, needs: ['resolution'] }] : []),
    ...[...claiming, ...freeing].map((mutation): CaseAction => ({ mutation, with: { id }, needs: [] })),
    { mutation: 'reassignCase', with: { id }, needs: ['ownerId or ownerGroup', 'reason'] },
    { mutation: 'commentCase', with: { id }, needs: ['text'] },
  ];
}

function answersTo<K extends InboxKind>(kind: K, found: InboxCaseOf<K>, standing: CaseReader): readonly CaseAction[] {
  return answers[kind]?.(found, standing) ?? [];
}

function decideOperation({ operationId }: CaseFile, { isOperator }: CaseReader): readonly CaseAction[] {
  if (!isOperator || operationId === null) return [];
  return ['retryOperation', 'abandonOperation'].map((mutation) => ({ mutation, with: { id: operationId }, needs: ['reason'] }));
}

/** Actions on a case of urgent ends: for another person than the requester; discarding it is open to them too. */
function decideEnds({ id, evidence }: InboxCaseOf<'urgent-ends'>, { isOperator, personId }: CaseReader): readonly CaseAction[] {
  if (!isOperator) return [];
  const isSecond = personId !== null && personId !== evidence.requestedBy;
  return [
    ...(isSecond ? [{ mutation: 'approveUrgentEnds', with: { caseId: id, digest: evidence.digest }, needs: ['reason'] }] : []),
    { mutation: 'discardUrgentEnds', with: { caseId: id }, needs: ['reason'] },
  ];
}

/** Actions on a repair that waits: for another administrator than the requester; discarding it is open to them too. */
function decideRepair({ evidence }: InboxCaseOf<'repair-approval'>, { isAdmin, personId }: CaseReader): readonly CaseAction[] {
  if (!isAdmin) return [];
  const isSecond = personId !== null && personId !== evidence.requestedBy;
  return [
    ...(isSecond ? [{ mutation: 'approveRepair', with: { id: evidence.repairId, digest: evidence.digest }, needs: ['reason'] }] : []),
    { mutation: 'discardRepair', with: { id: evidence.repairId }, needs: ['reason'] },
  ];
}

/** Action that grants an SoD exception: for an owner of the rule; a case without an owner is of a rule without one. */
function exceptIt(
  { id, evidence, ownerId, ownerGroup }: InboxCaseOf<'separation-conflict' | 'separation-violation'>,
  { isTheirs, personId }: CaseReader,
): readonly CaseAction[] {
  if (!isTheirs || personId === null || (ownerId === null && ownerGroup === null)) return [];
  return [{ mutation: 'grantSeparationException', with: { caseId: id, names: evidence.names }, needs: ['control', 'until', 'reason'] }];
}

function isCorrectableKind(kind: FindingKind): boolean {
  return handlingsOf(kind).includes('correct');
}
