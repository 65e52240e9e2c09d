import type { Change } from '../accounts/account.ts';
import { type CaseResolution, resolutionOf } from '../cases/case-resolution.ts';
import type { EntryRefusal } from '../applications/decide-entry.ts';
import type { EndRefusal } from '../lifecycle/end-refusal.ts';
import type { Origin } from '../policy/policy.ts';
import type { ModeReason } from '../targets/target-mode.ts';
import type { AccountAction, AuditAction, Justification, StoredReason } from './audit-reasons.ts';

/** Sentence of an event with this reason, with ids in place of names. A field that an earlier version did not write is `something unknown`. */
export function auditSentence<A extends AuditAction>(action: A, reason: StoredReason<A>): string {
  return SENTENCES[action](reason);
}

/** All actions, in the order of names. */
export function auditActions(): readonly AuditAction[] {
  return (Object.keys(SENTENCES) as AuditAction[]).sort();
}

/** True if this release knows the action; another release may have others. */
export function isAuditAction(action: string): action is AuditAction {
  return Object.hasOwn(SENTENCES, action);
}

const sentences: { readonly [A in Exclude<AuditAction, AccountAction>]: (reason: StoredReason<A>) => string } = {
  'access.refused': (r) => `A request was refused (${word(r.at)}): ${word(r.code)}.`,
  'identity.created': (r) => `Became known through ${word(r.source)}, by record ${word(r.recordId)}.`,
  'record.linked': (r) => `A record of ${word(r.source)} was recognised as this person's by ${word(r.by)}.`,
  'record.taken': (r) =>
    `${word(r.source)} recorded version ${word(r.version)}${r.status ? `: ${word(r.status)}` : ''}${r.endedAt ? ` at ${word(r.endedAt)}` : ''}.`,
  'record.conflict': (r) => `${word(r.source)} sent version ${word(r.version)} again with other content: nothing was changed.`,
  'record.corrected': (r) =>
    `An operator corrected the record of ${word(r.source)} in version ${word(r.of)}${r.version === r.of ? '' : `, which counts as version ${word(r.version)}`}.`,
  'record.restored': (r) =>
    r.isWithdrawn === true
      ? `The record of ${word(r.source)} was withdrawn by the undo of a batch change (${word(r.batchId)}).`
      : `The record of ${word(r.source)} was restored by the undo of a batch change (${word(r.batchId)})${r.status ? `: ${word(r.status)}` : ''}.`,
  'record.withdrawn': (r) => `An operator withdrew the record of ${word(r.source)} in version ${word(r.of)}.`,
  'identity.stateChanged': (r) =>
    `${r.from ? `Went from ${word(r.from)} to ${word(r.to)}` : `Is ${word(r.to)}`}: ${word(r.why).replace(`${word(r.to)}: `, '')}${byRecords(r)} (policy version ${word(r.policyVersion)}, decided because of: ${word(r.trigger)}).`,
  'identity.terminated': (r) => `Was terminated at once by an operator, at ${word(r.endedAt)}, whatever the sources state.`,
  'identity.terminationAsked': () => 'The termination waits for the approval of a second person: the budget of urgent ends was used up.',
  'identity.terminationRefused': (r) => `Was not terminated: ${(r.why && endRefusals[r.why]) ?? word(r.why)}.`,
  'identity.terminationScheduled': (r) =>
    r.endedOn
      ? `An operator set ${word(r.endedOn)} as the last day, whatever the sources state.`
      : `An operator set the end to ${word(r.endedAt)}, whatever the sources state.`,
  'identity.terminationLifted': () => "An operator's termination was withdrawn: the ends that sources state apply again.",
  'identity.reactivated': () => 'Was reactivated after inactivity.',
  'identity.contractExtended': (r) => `The end of the contract was moved from ${word(r.from)} to ${word(r.to)} (lifecycle rule ${word(r.rule)}).`,
  'identity.sponsorChanged': (r) => (r.to ? `${word(r.to)} is the sponsor of this person now: ${word(r.why)}.` : `This person has no sponsor: ${word(r.why)}.`),
  'grant.given': (r) => `Was granted ${word(r.kind)} ${word(r.name)}${bounds(r)}: ${origins(r.origins, r.policyVersion)}.`,
  'grant.changed': (r) => `Has ${word(r.kind)} ${word(r.name)}${bounds(r)} for other reasons now: ${origins(r.origins, r.policyVersion)}.`,
  'grant.ended': (r) => `Lost ${word(r.kind)} ${word(r.name)}: ${word(r.why)}${byRecords(r)}. Its origin was ${origins(r.origins, r.policyVersion)}.`,
  'account.wanted': (r) => `In ${word(r.target)} the desired state of the account is ${word(r.state)}${listed(r.entitlements, ', with ')}${because(r)}.`,
  'account.confirmed': (r) => `${word(r.target)} was observed and shows the desired state: ${word(r.state)}${listed(r.entitlements, ', with ')}.`,
  'account.notVisible': (r) =>
    `${word(r.target)} has accepted all that is desired (${word(r.state)}${listed(r.entitlements, ', with ')}) and cannot show some of it: it is not confirmed.`,
  'account.changedThere': (r) =>
    `${word(r.target)} no longer shows what had been confirmed at ${word(r.confirmedAt)}${r.enabled === true ? ': the account is usable there' : ''}. ${
      r.runId === undefined
        ? `The desired state, ${word(r.wanted)}, is provisioned again.`
        : 'A reconciliation run found it; nothing is corrected until somebody approves it.'
    }`,
  'operation.superseded': (r) => `An operation in ${word(r.target)} (${word(r.kind)}) was superseded by a newer decision.`,
  'operation.retried': (r) => `An operation that ${word(r.target)} had refused (${word(r.kind)}, ${word(r.error)}) is retried.`,
  'operation.givenUp': (r) => `An operation that ${word(r.target)} had refused (${word(r.kind)}, ${word(r.error)}) was abandoned.`,
  'operation.skipped': (r) => `An operation in ${word(r.target)} (${word(r.kind)}) was cancelled.`,
  'hold.placed': (r) => `Provisioning of ${scope(r)} was suspended until ${word(r.until)}${r.keepsAccess === true ? ', deprovisioning included' : ''}.`,
  'hold.lifted': (r) => `Provisioning of ${scope(r)} was resumed before the end of its suspension, ${word(r.until)}.`,
  'hold.ended': (r) => `The suspension of ${scope(r)} expired.`,
  'target.modeSet': (r) =>
    `${word(r.target)} is ${r.mode === 'enforce' ? 'written to' : 'only observed'} from now on${r.why === undefined ? '' : modeReasons[r.why]}.`,
  'reconciliation.requested': (r) =>
    `A reconciliation of ${word(r.target)} was requested${r.expectsFewer === true ? ', in which fewer accounts than before are expected' : ''}.`,
  'corrections.begun': (r) => `Findings in ${word(r.target)} are being corrected: ${word(r.accounts)} accounts.`,
  'account.adopted': (r) =>
    `An account of nobody in ${word(r.target)} was bound to this person ${r.by === 'adoptBy' ? 'by the value of its attribute' : 'by a decision'}.`,
  'findings.ignored': (r) =>
    `${r.findingId == null ? 'Findings' : 'A finding'} of the kind ${word(r.kind)}${r.name == null ? '' : ` (${word(r.name)})`} in ${word(r.target)} ${r.findingId == null ? 'are' : 'is'} ignored until ${word(r.until)}.`,
  'findings.noLongerIgnored': (r) =>
    `${r.findingId == null ? 'Findings' : 'A finding'} of the kind ${word(r.kind)}${r.name == null ? '' : ` (${word(r.name)})`} in ${word(r.target)} ${r.findingId == null ? 'are' : 'is'} no longer ignored.`,
  'quarantine.begun': (r) =>
    `An account of nobody in ${word(r.target)} was disabled and is in quarantine until ${word(r.deleteAt)}${r.memberships !== undefined && r.memberships.length > 0 ? `; it lost ${listed(r.memberships, '')}` : ''}.`,
  'quarantine.deleted': (r) => `An account of nobody in ${word(r.target)} was deleted after its quarantine.`,
  'quarantine.failed': (r) => `An account in quarantine in ${word(r.target)} needs a person: ${word(r.code)}.`,
  'quarantine.released': (r) => `An account in ${word(r.target)} left the quarantine unchanged: ${word(r.why)}.`,
  'quarantine.restored': (r) => `An account of nobody in ${word(r.target)} was restored from quarantine.`,
  'quarantine.restoreRequested': (r) => `The restoration of an account of nobody in ${word(r.target)} was requested.`,
  'connection.checkRequested': (r) => `A new test of ${word(r.kind)} ${word(r.name)} was requested.`,
  'case.opened': (r) =>
    `A case was opened: ${word(r.kind)}${r.target ? ` in ${word(r.target)}` : ''}${r.rule ? `, rule ${word(r.rule)}` : ''}${r.message ? `: ${word(r.message)}` : ''}.`,
  'case.assigned': (r) => `A case (${word(r.kind)}) was assigned to ${owner(r)}, until ${word(r.deadline)}.`,
  'case.escalated': (r) => `A case (${word(r.kind)}) was escalated after its deadline to ${owner(r)}, until ${word(r.deadline)}.`,
  'case.claimed': (r) => `${word(r.by)} claimed a case (${word(r.kind)}).`,
  'case.released': (r) => `A case (${word(r.kind)}) that ${word(r.by)} had claimed was released.`,
  'case.commented': (r) => `A comment was added to a case (${word(r.kind)}).`,
  'case.reassigned': (r) => `A case (${word(r.kind)}) was reassigned to ${owner(r)}.`,
  'case.closed': (r) => `A case was closed${standIn(r)}${closing(r.resolution)}.`,
  'login.accepted': (r) => `Logged in through ${word(r.provider)}.`,
  'login.bound': (r) => `A login of ${word(r.provider)} was bound to this person (${word(r.by)}).`,
  'login.claimsLeftOut': (r) =>
    `A login of ${word(r.provider)} left something out${listed(r.kept, '; earlier values were kept of: ')}${listed(r.elsewhere, '; the provider has elsewhere: ')}${r.isUserInfoRefused === true ? '; its user info endpoint refused' : ''}.`,
  'login.unbound': (r) => `A login of ${word(r.provider)} is no longer bound to this person (${word(r.why)}).`,
  'login.confirmed': (r) => `An administrator confirmed that a login of ${word(r.provider)} is this person's (${word(r.why)}).`,
  'login.linkMade': (r) => `A one-time link was created that binds a login of ${word(r.provider)}, good until ${word(r.expiresAt)}.`,
  'login.refused': (r) => `A login through ${word(r.provider)} was refused: ${word(r.reason)}.`,
  'sessions.revoked': (r) => `${word(r.count)} session(s) were ended: ${word(r.why)}.`,
  'application.entered': (r) =>
    `Entered the application ${word(r.application)} by ${r.protocol === 'saml' ? 'SAML' : 'OpenID Connect'}: ${(r.by ?? []).length === 0 ? 'its rule' : (r.by ?? []).join(', ')} let the person in, until ${word(r.until)}.`,
  'application.refused': (r) =>
    `Entry into the application ${word(r.application)} was refused: ${r.reason === undefined ? 'something unknown' : refusals[r.reason]}.`,
  'application.sessionEnded': (r) => `A session at the application ${word(r.application)} was ended: ${word(r.why)}.`,
  'key.published': (r) => `A signing key for ${word(r.purpose)} was published; it signs later.`,
  'key.activated': (r) => `A signing key for ${word(r.purpose)} signs from now on.`,
  'key.retired': (r) => `A signing key for ${word(r.purpose)} was retired: ${word(r.why)}.`,
  'session.ended': (r) => (r.why === 'logged out' ? 'Logged out.' : `A session was ended: ${word(r.why)}.`),
  'record.moved': (r) => `A record of ${word(r.source)} was moved from ${word(r.from)} to ${word(r.to)}.`,
  'identity.merged': (r) => `The identity ${word(r.from)} was merged into ${word(r.into)}.`,
  'identity.userNameReleased': () => 'The user name was released: somebody else may get it.',
  'repair.requested': (r) => `A repair (${word(r.kind)}) was requested and waits for a second person${listed(r.why, ': ')}.`,
  'repair.approved': (r) => `A second person approved a repair (${word(r.kind)}).`,
  'repair.discarded': (r) => `A repair (${word(r.kind)}) was discarded.`,
  'repair.undone': (r) => `A repair (${word(r.kind)}) was undone, as far as it can be.`,
  'request.opened': (r) =>
    `Access was requested: ${list(r.items)
      .map(({ name }) => word(name))
      .join(', ')}.`,
  'request.asked': (r) => `${word(r.approverId)}${standIn(r)} was asked to approve ${word(r.name)} (${word(r.stage)}, ${word(r.via)}).`,
  'request.askedNoLonger': (r) => `${word(r.approverId)} is no longer an approver of ${word(r.name)} (${word(r.stage)}).`,
  'request.answered': (r) => `${word(r.by)}${standIn(r)} ${r.approves === true ? 'approved' : 'denied'} ${word(r.name)} (${word(r.stage)}).`,
  'request.answerRefused': (r) => `An answer of ${word(r.by)} about ${word(r.name)} was refused: ${word(r.outcome)}.`,
  'request.linkUsed': (r) => `${word(r.by)} answered by the link of a mail: ${r.approves === true ? 'yes' : 'no'} (${word(r.outcome)}).`,
  'notices.chosen': (r) => `Set the notifications about approvals: ${word(r.approvals)}.`,
  'notice.sent': (r) => `Was notified (${word(r.kind)}, by ${word(r.channel)}).`,
  'notice.skipped': (r) => `Was not notified (${word(r.kind)}): ${word(r.why)}.`,
  'notice.givenUp': (r) => `Could not be notified (${word(r.kind)}, by ${word(r.channel)}): ${word(r.code)}.`,
  'request.stagePassed': (r) => `${word(r.name)} passed the stage ${word(r.stage)}, by its ${word(r.by)}.`,
  'request.reminded': (r) => `Those who have not answered about ${word(r.name)} were reminded (${word(r.stage)}).`,
  'request.escalated': (r) => `${word(r.name)} was escalated to the next in line (${word(r.stage)}): ${word(r.why)}.`,
  'request.approved': (r) => `${word(r.name)} was granted${bounds(r)} (rule ${word(r.rule)} of policy version ${word(r.policyVersion)}).`,
  'request.foundKept': (r) => `${word(r.name)}, which was found in a target, is kept${bounds(r)}; ${word(r.ownerId)} answers for it.`,
  'request.denied': (r) => `${word(r.name)} was not granted: ${word(r.why)}.`,
  'request.withdrawn': (r) => `The request for ${word(r.name)} was withdrawn.`,
  'request.returned': (r) => `${word(r.name)} was returned.`,
  'request.restored': (r) => `Requested access is valid again (${word(r.name)}): ${word(r.why)}.`,
  'request.dropped': (r) => `${word(r.name)} was removed by its owner.`,
  'request.brokeGlass': (r) =>
    `${word(r.name)} was taken as break-glass access${bounds(r)} (rule ${word(r.rule)} of policy version ${word(r.policyVersion)})${listed(r.exceptions, ', in violation of the separation-of-duties rule ')}.`,
  'request.reviewed': (r) => `The review found the break-glass access ${word(r.name)} ${r.review === 'justified' ? 'justified' : 'not justified'}.`,
  'request.judged': (r) => `The owner of ${word(r.name)} decided: ${word(r.decision)}.`,
  'request.ended': (r) => `Requested access ended (${word(r.name)}): ${word(r.why)}.`,
  'separation.excepted': (r) => `An SoD exception from the rule ${word(r.rule)} was granted by ${word(r.by)}${listed(r.names, ': ')}, until ${word(r.until)}.`,
  'separation.exceptionRestored': (r) => `An SoD exception from the rule ${word(r.rule)} is valid again${listed(r.names, ': ')} (${word(r.why)}).`,
  'separation.exceptionEnded': (r) => `An SoD exception from the rule ${word(r.rule)} ended${listed(r.names, ': ')} (${word(r.why)}).`,
  'delegation.given': (r) => `${word(r.from)} delegated to ${word(r.to)}${listed(r.kinds, ', ')}, from ${word(r.validFrom)} until ${word(r.validUntil)}.`,
  'delegation.revoked': (r) => `The delegation from ${word(r.from)} to ${word(r.to)} was revoked.`,
  'wave.opened': (r) => `A batch change began: ${word(r.people)} people.`,
  'wave.finished': (r) => `A batch change was carried out${r.carriedOut ? `: ${word(r.carriedOut)} items are in force, ${word(r.fellAway)} fell away` : ''}.`,
  'batch.undoRequested': (r) =>
    `The undo of a batch change (${word(r.undone)}) was requested and waits for approval: ${word(r.items)} items${r.fellAway ? `; ${word(r.fellAway)} more stay as they are` : ''}.`,
  'batch.notCarriedOut': (r) =>
    `A batch change${r.source ? ` of ${word(r.source)}` : ''} could not be carried out and waits for approval again: ${word(r.problem)}.`,
  'import.begun': (r) => `An import of ${word(r.source)} began.`,
  'import.finished': (r) =>
    `An import of ${word(r.source)} is complete as sent: ${word(r.records)} records are new or have changed${r.isComplete === true ? `, and ${word(r.vanished)} people are missing in it` : ''}.`,
  'wave.held': (r) =>
    `The change budget was exceeded: ${
      r.switchesOn === undefined
        ? `a batch change of ${r.source ? word(r.source) : r.corrections ? `corrections in ${word(r.corrections)}` : 'a configuration version'} waits`
        : `the plan of ${word(r.switchesOn)} waits`
    } for approval.`,
  'wave.released': (r) =>
    `A batch change was approved${r.of ? ` (${word(r.records)} of ${word(r.of)} records)` : ''}${
      r.switchesOn === undefined ? '' : `: ${word(r.switchesOn)} is written to`
    }.`,
  'wave.discarded': () => 'A batch change was discarded.',
  'wave.replaced': () => 'A batch change was replaced by newer records.',
  'record.held': (r) =>
    `${word(r.source)} recorded version ${word(r.version)}${r.status ? `: ${word(r.status)}` : ''}, which is not in force: it waits for approval in a batch change.`,
  'policy.published': (r) =>
    `A policy version was published (${word(r.digest).slice(0, 12)}${r.settings === undefined ? '' : `, with tenure.yaml ${word(r.settings).slice(0, 12)}`}).`,
  'audit.sealed': (r) => `The ends of the audit’s chains were accepted as they were: ${word(r.reason)}.`,
  'serviceToken.created': (r) => `Service token "${word(r.name)}" was created with ${listed(r.roles, '')} until ${word(r.expiresAt)}.`,
  'serviceToken.revoked': (r) => `Service token "${word(r.name)}" was revoked.${r.why ? ` Why: ${word(r.why)}.` : ''}`,
};

const modeReasons: Readonly<Record<ModeReason, string>> = {
  empty: ': it has no accounts yet',
  'in-use': ': it has accounts that Tenure has not made',
  'written-before': ': Tenure has written to it before',
  configured: ', as tenure.yaml says',
  'switched-on': ': its plan was approved',
  'switched-back': ', as somebody decided',
};

const endRefusals: Readonly<Record<EndRefusal, string>> = {
  'is-yourself': 'nobody can terminate themselves',
  'needs-administrator': 'only an administrator can terminate an administrator',
  'last-administrator': 'no other administrator would be left',
};

const accountDone: Readonly<Record<Change['kind'], (reason: StoredReason<AccountAction>) => string>> = {
  create: () => 'the account was created',
  update: () => 'attributes of the account were changed',
  enable: () => 'the account was enabled',
  disable: () => 'the account was disabled',
  addMember: (r) => `the account was given ${word(r.entitlement)}`,
  removeMember: (r) => `${word(r.entitlement)} was taken from the account`,
  delete: () => 'the account was deleted',
};

function accountSentence(kind: Change['kind']): (reason: StoredReason<AccountAction>) => string {
  return (r) => `In ${word(r.target)} ${accountDone[kind](r)}${r.already === true ? ' (it was so already)' : ''}${because(r)}.`;
}

/** Sentences by action; a missing one does not compile. */
const SENTENCES: { readonly [A in AuditAction]: (reason: StoredReason<A>) => string } = {
  ...sentences,
  'account.create': accountSentence('create'),
  'account.update': accountSentence('update'),
  'account.enable': accountSentence('enable'),
  'account.disable': accountSentence('disable'),
  'account.addMember': accountSentence('addMember'),
  'account.removeMember': accountSentence('removeMember'),
  'account.delete': accountSentence('delete'),
};

function scope({ kind, target }: StoredReason<'hold.placed'>): string {
  if (kind === 'target') return `the target ${word(target)}`;
  return kind === 'operation' ? 'an operation' : 'the person';
}

function owner({ to, group }: StoredReason<'case.assigned' | 'case.reassigned'>): string {
  return to ? `person ${to}` : group ? `the holders of ${group}` : 'the operators';
}

/** Grants that justify an account or change; without any, the state of the lifecycle. */
function because({ because: grants, lifecycle, policyVersion }: { readonly [F in keyof Justification]?: Justification[F] | undefined }): string {
  const held = list(grants);
  if (held.length > 0) return `, because of ${held.map(({ name, origins: of }) => `${word(name)} (${origins(of, policyVersion)})`).join(' and ')}`;
  return lifecycle?.why ? `, because ${lifecycle.why}${byRecords(lifecycle)}` : '';
}

type StoredOrigin = Partial<Pick<Origin, 'kind' | 'name' | 'viaRole' | 'policyVersion' | 'recordIds'>>;

/** @param otherwise policy version of origins without one */
function origins(all: readonly StoredOrigin[] | undefined, otherwise: number | undefined): string {
  const told = list(all).map((origin) => {
    const { viaRole, policyVersion = otherwise, recordIds } = origin;
    return `${cause(origin)}${viaRole ? ` by role ${viaRole}` : ''} of policy version ${String(policyVersion)}${records(recordIds, 'from')}`;
  });
  return told.length > 0 ? told.join('; ') : 'nothing that is recorded';
}

/** Name of an origin. The name of a request is an id, so it is left out. */
function cause({ kind, name }: StoredOrigin): string {
  if (kind === 'request') return 'an approved request';
  return kind === 'break-glass' ? 'break-glass access' : `${word(kind)} ${word(name)}`;
}

/** Records of a reason. Before version 0.2 `why` itself contained them. */
function byRecords({ why, recordIds }: { readonly why?: string | undefined; readonly recordIds?: readonly string[] | undefined }): string {
  return why?.includes('by record') === true ? '' : records(recordIds, 'by');
}

function records(ids: readonly string[] | undefined, preposition: 'by' | 'from'): string {
  return list(ids).length > 0 ? `, ${preposition} record ${list(ids).join(' and ')}` : '';
}

function standIn({ inPlaceOf }: { readonly inPlaceOf?: string | null | undefined }): string {
  return inPlaceOf ? ` for ${inPlaceOf}` : '';
}

/** @param reason `heldUntil`, which takes the end of the person's relationship into account, prevails over `validUntil` */
function bounds(reason: { readonly heldUntil?: string | null | undefined; readonly validUntil?: string | null | undefined }): string {
  const until = 'heldUntil' in reason ? reason.heldUntil : reason.validUntil;
  return until ? ` until ${until}` : '';
}

function listed(values: readonly string[] | undefined, before: string): string {
  return list(values).length > 0 ? `${before}${list(values).join(', ')}` : '';
}

/** Returns an empty list for a value of another version that is not a list. */
function list<T>(values: readonly T[] | undefined): readonly T[] {
  return Array.isArray(values) ? values : [];
}

/** Text about the resolution of a case. */
function closing(stored: string | undefined): string {
  if (stored === undefined) return '';
  const { resolution, reason } = resolutionOf(stored);
  return resolution === 'automatic' ? ` automatically: ${reason}` : `: ${RESOLUTIONS[resolution]}`;
}

const RESOLUTIONS: Readonly<Record<Exclude<CaseResolution, 'automatic'>, string>> = {
  answered: 'answered',
  linked: 'the record was linked to an identity',
  'new-person': 'a new identity was created',
  rebound: 'the login was bound in place of the former one',
  'login-confirmed': 'the login was confirmed',
  'login-ended': 'the binding of the login was ended',
  approved: 'approved',
  denied: 'denied',
  withdrawn: 'withdrawn',
  discarded: 'discarded',
  excepted: 'an SoD exception was granted',
  justified: 'the access was justified',
  'not-justified': 'the access was not justified',
  retried: 'the operation is retried',
  abandoned: 'the operation was abandoned',
  cancelled: 'the operation was cancelled',
};

function word(value: string | number | boolean | null | undefined): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : 'something unknown';
}

/** Reasons of a refused entry in words. */
const refusals: Readonly<Record<EntryRefusal, string>> = {
  'not-active': 'the person is not active',
  'no-access': 'no grant and no rule lets the person in',
  'no-email': 'the application knows people by their address, and none is known',
  'address-of-another': 'the application received the address for another person',
  'session-ended': 'the session in Tenure has ended',
};
