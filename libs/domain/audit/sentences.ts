import type { Change } from '../accounts/account.ts';
import type { EndRefusal } from '../lifecycle/end-refusal.ts';
import type { Origin } from '../policy/policy.ts';
import type { AccountAction, AuditAction, Justification, StoredReason } from './audit-reasons.ts';

/** Sentence of an event with this reason, with ids in the place of names. What an earlier version did not write is `something unknown`. */
export function auditSentence<A extends AuditAction>(action: A, reason: StoredReason<A>): string {
  return SENTENCES[action](reason);
}

/** All actions, in the order of names. */
export function auditActions(): readonly AuditAction[] {
  return (Object.keys(SENTENCES) as AuditAction[]).sort();
}

/** Whether events with this action are known: one of another version may have another. */
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
    `An operator corrected what ${word(r.source)} had said in version ${word(r.of)}${r.version === r.of ? '' : `, which counts as version ${word(r.version)}`}.`,
  'record.withdrawn': (r) => `An operator withdrew what ${word(r.source)} had said in version ${word(r.of)}.`,
  'identity.stateChanged': (r) =>
    `${r.from ? `Went from ${word(r.from)} to ${word(r.to)}` : `Is ${word(r.to)}`}: ${word(r.why).replace(`${word(r.to)}: `, '')}${byRecords(r)} (policy version ${word(r.policyVersion)}, asked because of: ${word(r.trigger)}).`,
  'identity.terminated': (r) => `Was ended at once by an operator, at ${word(r.endedAt)}, whatever the sources say.`,
  'identity.terminationAsked': () => 'A second person was asked whether to end this person at once: the budget of urgent ends was used.',
  'identity.terminationRefused': (r) => `Was not ended: ${(r.why && endRefusals[r.why]) ?? word(r.why)}.`,
  'identity.terminationScheduled': (r) =>
    r.endedOn
      ? `An operator set ${word(r.endedOn)} as the last day, whatever the sources say.`
      : `An operator set the end to ${word(r.endedAt)}, whatever the sources say.`,
  'identity.terminationLifted': () => "An operator's termination was taken back: what the sources say counts again.",
  'identity.reactivated': () => 'Was brought back, though nothing had been heard for long.',
  'identity.contractExtended': (r) => `The end of the contract was moved from ${word(r.from)} to ${word(r.to)} (lifecycle rule ${word(r.rule)}).`,
  'identity.sponsorChanged': (r) => (r.to ? `${word(r.to)} answers for this person now: ${word(r.why)}.` : `Nobody answers for this person: ${word(r.why)}.`),
  'grant.given': (r) => `Was given ${word(r.kind)} ${word(r.name)}${bounds(r)}: ${origins(r.origins, r.policyVersion)}.`,
  'grant.changed': (r) => `Holds ${word(r.kind)} ${word(r.name)}${bounds(r)} for other reasons now: ${origins(r.origins, r.policyVersion)}.`,
  'grant.ended': (r) => `Lost ${word(r.kind)} ${word(r.name)}: ${word(r.why)}${byRecords(r)}. It had come from ${origins(r.origins, r.policyVersion)}.`,
  'account.wanted': (r) => `In ${word(r.target)} an account is to be ${word(r.state)}${listed(r.entitlements, ', with ')}${because(r)}.`,
  'account.confirmed': (r) => `${word(r.target)} was read back and shows what is wanted: ${word(r.state)}${listed(r.entitlements, ', with ')}.`,
  'account.notVisible': (r) =>
    `${word(r.target)} has accepted all that is desired (${word(r.state)}${listed(r.entitlements, ', with ')}) and cannot show some of it: it is not confirmed.`,
  'account.changedThere': (r) =>
    `${word(r.target)} no longer shows what had been confirmed at ${word(r.confirmedAt)}${r.enabled === true ? ': the account is usable there' : ''}. It is brought back to ${word(r.wanted)}.`,
  'operation.superseded': (r) => `What was still to be done in ${word(r.target)} (${word(r.kind)}) gave way to a newer decision.`,
  'operation.retried': (r) => `What ${word(r.target)} had refused (${word(r.kind)}, ${word(r.error)}) is tried again.`,
  'operation.givenUp': (r) => `What ${word(r.target)} had refused (${word(r.kind)}, ${word(r.error)}) was given up.`,
  'operation.skipped': (r) => `What was still to be done in ${word(r.target)} (${word(r.kind)}) was skipped.`,
  'hold.placed': (r) => `${heldBy(r)} was held until ${word(r.until)}${r.keepsAccess === true ? ', the end of access included' : ''}.`,
  'hold.lifted': (r) => `The hold of ${heldBy(r, 'the')} was lifted before its time, ${word(r.until)}.`,
  'hold.ended': (r) => `The hold of ${heldBy(r, 'the')} was over.`,
  'connection.checkRequested': (r) => `A new test of ${word(r.kind)} ${word(r.name)} was asked for.`,
  'case.opened': (r) =>
    `A person has to look: ${word(r.kind)}${r.target ? ` in ${word(r.target)}` : ''}${r.rule ? `, rule ${word(r.rule)}` : ''}${r.message ? `: ${word(r.message)}` : ''}.`,
  'case.assigned': (r) => `A case (${word(r.kind)}) is for ${owner(r)} to answer, until ${word(r.deadline)}.`,
  'case.escalated': (r) => `Nobody has answered a case (${word(r.kind)}) in time: it went to ${owner(r)}, until ${word(r.deadline)}.`,
  'case.claimed': (r) => `${word(r.by)} sees to a case (${word(r.kind)}).`,
  'case.released': (r) => `${word(r.by)} sees to a case (${word(r.kind)}) no longer.`,
  'case.commented': (r) => `Something was said about a case (${word(r.kind)}).`,
  'case.reassigned': (r) => `A case (${word(r.kind)}) was given to ${owner(r)}.`,
  'case.closed': (r) => `A case was closed${standIn(r)}: ${word(r.resolution)}.`,
  'login.accepted': (r) => `Logged in through ${word(r.provider)}.`,
  'login.bound': (r) => `A login of ${word(r.provider)} was bound to this person (${word(r.by)}).`,
  'login.claimsLeftOut': (r) =>
    `A login of ${word(r.provider)} left something out${listed(r.kept, '; what it had said before was kept of: ')}${listed(r.elsewhere, '; the provider has elsewhere: ')}${r.isUserInfoRefused === true ? '; its user info endpoint refused' : ''}.`,
  'login.unbound': (r) => `A login of ${word(r.provider)} is bound to this person no longer (${word(r.why)}).`,
  'login.confirmed': (r) => `An administrator confirmed that a login of ${word(r.provider)} is this person's (${word(r.why)}).`,
  'login.linkMade': (r) => `A one-time link was made that binds a login of ${word(r.provider)}, good until ${word(r.expiresAt)}.`,
  'login.refused': (r) => `A login through ${word(r.provider)} was refused: ${word(r.reason)}.`,
  'sessions.revoked': (r) => `${word(r.count)} session(s) were ended: ${word(r.why)}.`,
  'session.ended': (r) => (r.why === 'logged out' ? 'Logged out.' : `A session was ended: ${word(r.why)}.`),
  'request.opened': (r) =>
    `Access was asked for: ${list(r.items)
      .map(({ name }) => word(name))
      .join(', ')}.`,
  'request.asked': (r) => `${word(r.approverId)}${standIn(r)} is asked about ${word(r.name)} (${word(r.stage)}, ${word(r.via)}).`,
  'request.askedNoLonger': (r) => `${word(r.approverId)} is asked about ${word(r.name)} no longer (${word(r.stage)}).`,
  'request.answered': (r) => `${word(r.by)}${standIn(r)} ${r.approves === true ? 'approved' : 'denied'} ${word(r.name)} (${word(r.stage)}).`,
  'request.answerRefused': (r) => `An answer of ${word(r.by)} about ${word(r.name)} was not taken: ${word(r.outcome)}.`,
  'request.linkUsed': (r) => `${word(r.by)} answered by the link of a mail: ${r.approves === true ? 'yes' : 'no'} (${word(r.outcome)}).`,
  'notices.chosen': (r) => `Chose how to be told of approvals: ${word(r.approvals)}.`,
  'notice.sent': (r) => `Was told (${word(r.kind)}, by ${word(r.channel)}).`,
  'notice.skipped': (r) => `Was not told (${word(r.kind)}): ${word(r.why)}.`,
  'notice.givenUp': (r) => `Could not be told (${word(r.kind)}, by ${word(r.channel)}): ${word(r.code)}.`,
  'request.stagePassed': (r) => `${word(r.name)} passed the stage ${word(r.stage)}, by its ${word(r.by)}.`,
  'request.reminded': (r) => `Those who have not answered about ${word(r.name)} were reminded (${word(r.stage)}).`,
  'request.escalated': (r) => `${word(r.name)} went to the next in line (${word(r.stage)}): ${word(r.why)}.`,
  'request.approved': (r) => `${word(r.name)} was granted${bounds(r)} (rule ${word(r.rule)} of policy version ${word(r.policyVersion)}).`,
  'request.denied': (r) => `${word(r.name)} was not granted: ${word(r.why)}.`,
  'request.withdrawn': (r) => `The request for ${word(r.name)} was taken back.`,
  'request.returned': (r) => `${word(r.name)} was given back.`,
  'request.restored': (r) => `What was asked for holds again (${word(r.name)}): ${word(r.why)}.`,
  'request.dropped': (r) => `${word(r.name)} was taken away by who answers for it.`,
  'request.brokeGlass': (r) =>
    `${word(r.name)} was taken in an emergency${bounds(r)} (rule ${word(r.rule)} of policy version ${word(r.policyVersion)})${listed(r.exceptions, ', in spite of the separation of duties by ')}.`,
  'request.reviewed': (r) => `That ${word(r.name)} was taken in an emergency was found ${r.review === 'justified' ? 'justified' : 'not justified'}.`,
  'request.judged': (r) => `Who answers for ${word(r.name)} decided: ${word(r.decision)}.`,
  'request.ended': (r) => `What was asked for is over (${word(r.name)}): ${word(r.why)}.`,
  'separation.excepted': (r) => `May hold together what ${word(r.rule)} separates${listed(r.names, ': ')}, until ${word(r.until)}, as ${word(r.by)} allowed.`,
  'separation.exceptionRestored': (r) => `May hold together again what ${word(r.rule)} separates${listed(r.names, ': ')} (${word(r.why)}).`,
  'separation.exceptionEnded': (r) => `May no longer hold together what ${word(r.rule)} separates${listed(r.names, ': ')} (${word(r.why)}).`,
  'delegation.given': (r) =>
    `${word(r.from)} lets ${word(r.to)} answer in their place${listed(r.kinds, ', ')}, from ${word(r.validFrom)} until ${word(r.validUntil)}.`,
  'delegation.revoked': (r) => `${word(r.to)} answers no longer in the place of ${word(r.from)}.`,
  'wave.opened': (r) => `A change of many people began: ${word(r.people)} of them.`,
  'wave.finished': (r) =>
    `A change of many people was carried through${r.carriedOut ? `: ${word(r.carriedOut)} items are in force, ${word(r.fellAway)} fell away` : ''}.`,
  'batch.notCarriedOut': (r) => `A batch change of ${word(r.source)} could not be carried out and waits for approval again: ${word(r.problem)}.`,
  'import.begun': (r) => `An import of ${word(r.source)} began.`,
  'import.finished': (r) =>
    `An import of ${word(r.source)} is complete as sent: ${word(r.records)} records are new or have changed${r.isComplete === true ? `, and ${word(r.vanished)} people are not named any more` : ''}.`,
  'wave.held': (r) =>
    `More would have changed at once than the change budget allows: ${r.source ? `what ${word(r.source)} said` : 'a policy version'} waits for a person.`,
  'wave.released': (r) => `What waited because it changes many people was released${r.of ? ` (${word(r.records)} of ${word(r.of)} records)` : ''}.`,
  'wave.discarded': () => 'What waited because it changes many people was discarded.',
  'wave.replaced': () => 'What waited because it changes many people was replaced by what was said since.',
  'record.held': (r) =>
    `${word(r.source)} recorded version ${word(r.version)}${r.status ? `: ${word(r.status)}` : ''}, which is not in force: it waits for approval in a batch change.`,
  'policy.published': (r) =>
    `A policy version was published (${word(r.digest).slice(0, 12)}${r.settings === undefined ? '' : `, with tenure.yaml ${word(r.settings).slice(0, 12)}`}).`,
  'audit.sealed': (r) => `The ends of the audit’s chains were taken for right as they were: ${word(r.reason)}.`,
  'serviceToken.created': (r) => `Service token "${word(r.name)}" was made with ${listed(r.roles, '')} until ${word(r.expiresAt)}.`,
  'serviceToken.revoked': (r) => `Service token "${word(r.name)}" was revoked.${r.why ? ` Why: ${word(r.why)}.` : ''}`,
};

const endRefusals: Readonly<Record<EndRefusal, string>> = {
  'is-yourself': 'nobody ends their own time',
  'needs-administrator': 'an administrator has to end an administrator',
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

/** Of every action; one without its sentence does not compile. */
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

function heldBy({ kind, target }: StoredReason<'hold.placed'>, article = 'The'): string {
  if (kind === 'target') return `${article} target ${word(target)}`;
  return kind === 'operation' ? `${article === 'The' ? 'An' : 'an'} operation` : `${article} person`;
}

function owner({ to, group }: StoredReason<'case.assigned' | 'case.reassigned'>): string {
  return to ? `person ${to}` : group ? `whoever holds ${group}` : 'the operators';
}

/** The grants that an account or change rests on; without any, the state of the lifecycle. */
function because({ because: grants, lifecycle, policyVersion }: { readonly [F in keyof Justification]?: Justification[F] | undefined }): string {
  const held = list(grants);
  if (held.length > 0) return `, because of ${held.map(({ name, origins: of }) => `${word(name)} (${origins(of, policyVersion)})`).join(' and ')}`;
  return lifecycle?.why ? `, because ${lifecycle.why}${byRecords(lifecycle)}` : '';
}

type StoredOrigin = Partial<Pick<Origin, 'kind' | 'name' | 'viaRole' | 'policyVersion' | 'recordIds'>>;

/** @param otherwise version of those that do not say one */
function origins(all: readonly StoredOrigin[] | undefined, otherwise: number | undefined): string {
  const told = list(all).map((origin) => {
    const { viaRole, policyVersion = otherwise, recordIds } = origin;
    return `${cause(origin)}${viaRole ? ` by role ${viaRole}` : ''} of policy version ${String(policyVersion)}${records(recordIds, 'from')}`;
  });
  return told.length > 0 ? told.join('; ') : 'nothing that is recorded';
}

/** A request's name is its id. */
function cause({ kind, name }: StoredOrigin): string {
  if (kind === 'request') return 'an approved request';
  return kind === 'break-glass' ? 'break-glass access' : `${word(kind)} ${word(name)}`;
}

/** Before version 0.2 the records stood in the reason itself. */
function byRecords({ why, recordIds }: { readonly why?: string | undefined; readonly recordIds?: readonly string[] | undefined }): string {
  return why?.includes('by record') === true ? '' : records(recordIds, 'by');
}

function records(ids: readonly string[] | undefined, preposition: 'by' | 'from'): string {
  return list(ids).length > 0 ? `, ${preposition} record ${list(ids).join(' and ')}` : '';
}

function standIn({ inPlaceOf }: { readonly inPlaceOf?: string | null | undefined }): string {
  return inPlaceOf ? ` for ${inPlaceOf}` : '';
}

/** @param reason where it says until when it is held, within the person's own end, that counts */
function bounds(reason: { readonly heldUntil?: string | null | undefined; readonly validUntil?: string | null | undefined }): string {
  const until = 'heldUntil' in reason ? reason.heldUntil : reason.validUntil;
  return until ? ` until ${until}` : '';
}

function listed(values: readonly string[] | undefined, before: string): string {
  return list(values).length > 0 ? `${before}${list(values).join(', ')}` : '';
}

/** What was written by another version may be no list. */
function list<T>(values: readonly T[] | undefined): readonly T[] {
  return Array.isArray(values) ? values : [];
}

function word(value: string | number | boolean | null | undefined): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : 'something unknown';
}
