import { earliest, itemState, type PersonChange, type Policy, countedChanges } from '@tenure/domain';
import type { AuditEntry, StoredIdentity } from '@tenure/store';
import { decisionFrom } from './decision-from.ts';
import type { DecidedPerson, Effects, Terms } from './effects.ts';
import { endWithTime } from './end-with-time.ts';
import { nameIn } from '../intake/named-person.ts';
import { notificationsOfInactivity, notificationsOfLife } from './notify-life.ts';
import { suspensionsEnd, readAgain } from './read-again.ts';
import { planAccounts } from './plan-accounts.ts';
import { changeApplicationSessions } from './change-application-sessions.ts';
import { changeGrants } from './change-grants.ts';
import { raiseQuestions } from './raise-questions.ts';
import { transferQuestion } from './transfer-question.ts';
import { watchEnd } from './watch-end.ts';

/** Derives all changes by a decision. Pure: the same decision under the same terms has the same effects, and nothing is written or read. */
export function effectsOf(decided: DecidedPerson, terms: Terms): Effects {
  const { person, question, access } = decided;
  const { identity: before, accounts: existing, suspensions, sponsorship } = person;
  const { now, sponsorLives, policy } = question;
  const { identity, lifecycle } = access;
  const grants = changeGrants(decided, terms);
  const time = endWithTime(person, access, now);
  const { accounts, operations, planned, audit, cases } = planAccounts(decided, terms);
  const reading = readAgain(terms.configuration, { lifecycle, policy, timeZone: identity.timeZone, suspensions, now }, planned);
  const end = watchEnd(terms.configuration, lifecycle, reading.accounts, now);
  const raised = raiseQuestions(access, policy, before.questions);
  const transfer = transferQuestion(policy, before, access, { held: person.grants, accounts: existing });
  const after: StoredIdentity = {
    ...identity,
    state: lifecycle.state,
    lifecycle,
    ...access.memory,
    idleSince: access.memory.idleSince ?? null,
    lastActivityAt: access.lastActivityAt,
    reportedActivity: question.reportedActivity ?? [],
    questions: raised.keys,
    policyVersion: policy.version,
    nextWakeUp: earliest(access.nextWakeUp, end.deadline, reading.lookAt, suspensionsEnd(suspensions, reading.accounts, now)),
    decidedAt: now,
    revision: before.revision + 1,
  };
  const sessionsEnd = lifecycle.state === 'active' ? time.sessionsEnd : lifecycle.why;
  const atApplications = sessionsEnd === null ? changeApplicationSessions(decided, terms) : { ended: [], outdated: [], audit: [] };
  const areGrantsOthers = grants.given.length + grants.changed.length + grants.ended.length > 0;
  return {
    before,
    after,
    grants: { given: grants.given, changed: grants.changed, ended: grants.ended },
    accounts,
    operations,
    items: time.items,
    exceptions: time.exceptions,
    cases: {
      opened: [...raised.opened, ...transfer.opened, ...end.opened, ...cases.opened],
      answered: [...raised.answered, ...transfer.answered, ...cases.answered],
    },
    sessionsEnd,
    applicationSessions: { ended: atApplications.ended, outdated: atApplications.outdated },
    notifications: [...notificationsOfLife(before, lifecycle, now), ...notificationsOfInactivity(before, lifecycle)],
    sponsorship,
    sponsorLives,
    concernsOthers: before.lifecycle !== null && (before.state !== after.state || areGrantsOthers || hasOthersAbove(policy, before, after)),
    // The cause comes first: grants and accounts follow from the lifecycle state.
    audit: [...stateChange(decided, terms), ...grants.audit, ...time.audit, ...audit, ...atApplications.audit],
    decision: decisionFrom({ before, after, access, accounts: reading.accounts, suspensions, policy, sponsorLives }, terms.trigger),
  };
}

/** Changes of a decision, as the change budget counts them and a batch change keeps them. */
export function personChange({ person, question: { policy, now }, access: { identity, lifecycle, grants }, desired }: DecidedPerson): PersonChange {
  const { entitlements } = policy.document;
  const { identity: before } = person;
  const standing = {
    identity: before,
    lifecycle: before.lifecycle,
    grants: person.grants,
    accounts: person.accounts.map((account) => account.desired),
    entitlements,
  };
  const next = { identity, lifecycle, grants, accounts: desired, entitlements };
  return { changes: countedChanges(standing, next, now), before: itemState(standing, now), after: itemState(next, now) };
}

function stateChange({ person: { identity: before }, question, access: { lifecycle } }: DecidedPerson, { trigger }: Terms): readonly AuditEntry[] {
  if (before.lifecycle !== null && before.state === lifecycle.state) return [];
  return [
    {
      action: 'identity.stateChanged',
      subjectKind: 'identity',
      subjectId: before.id,
      identityId: before.id,
      reason: {
        from: before.lifecycle === null ? null : before.state,
        to: lifecycle.state,
        why: lifecycle.why,
        rule: lifecycle.rule,
        policyVersion: question.policy.version,
        recordIds: lifecycle.recordIds,
        trigger,
      },
    },
  ];
}

/** True if their manager or sponsor is another than before: open approvals of the previous one have to move. */
function hasOthersAbove({ document: { relations = {} } }: Policy, before: StoredIdentity, after: StoredIdentity): boolean {
  return Object.values(relations).some((relation) => nameIn(before, relation)?.value !== nameIn(after, relation)?.value);
}
