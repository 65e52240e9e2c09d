import type { Configuration } from '@tenure/config';
import type { Policy } from '@tenure/domain';
import type { Transaction, Trigger } from '@tenure/store';
import { closeCase, openCase } from '../cases/open-case.ts';
import type { ChangedException, Effects } from './effects.ts';
import { isEnding } from './end-confirmed.ts';
import { endTokens } from '../tokens/end-tokens.ts';
import { findNamed } from '../intake/named-person.ts';
import { tendRefusedChanges } from '../provision/target-cases.ts';
import { settleSponsors } from '../sponsors/settle-sponsors.ts';

/** Writes the effects of decisions about any number of people, with one statement for each kind of row. */
export async function saveEffects(tx: Transaction, configuration: Configuration, all: readonly Effects[], policy: Policy, trigger: Trigger): Promise<void> {
  const { now } = tx.context;
  const superseded = all.flatMap(({ operations }) => operations.superseded);
  for (const { audit } of all) tx.audit.record(...audit);
  const ended = await tx.people.save(
    {
      identities: all.map(({ after }) => after),
      newGrants: all.flatMap(({ grants }) => grants.given),
      changedGrants: all.flatMap(({ grants }) => [...grants.changed, ...grants.ended]),
      accounts: all.flatMap(({ accounts }) => accounts),
      newOperations: all.flatMap(({ operations }) => operations.planned),
      changedOperations: superseded,
      changedItems: all.flatMap(({ items }) => items),
      sessionsOf: all.flatMap(({ after, sessionsEnd }) => (sessionsEnd === null ? [] : [{ identityId: after.id, reason: sessionsEnd }])),
    },
    now,
  );
  await saveApplicationSessions(tx, all);
  const gone = all.filter(({ before, after }) => !isEnding(before.state) && isEnding(after.state)).map(({ before }) => before.id);
  await endTokens(tx, { personIds: gone, since: null, why: 'its creator has left' });
  const sponsors = await settleSponsors(tx, configuration, policy, all, trigger);
  for (const { after, sessionsEnd } of all) {
    const count = ended.get(after.id) ?? 0;
    if (sessionsEnd !== null && count > 0)
      tx.audit.record({
        action: 'sessions.revoked',
        subjectKind: 'identity',
        subjectId: after.id,
        identityId: after.id,
        reason: { count, state: after.state, why: sessionsEnd },
      });
  }
  for (const { ownerNamed = null, isSponsors = false, ...wanted } of all.flatMap(({ cases }) => cases.opened)) {
    const ownerId = isSponsors ? (sponsors.get(wanted.identityId ?? '') ?? null) : ownerNamed && (await findNamed(tx, configuration, ownerNamed));
    await openCase(tx, isSponsors || ownerNamed !== null ? { ...wanted, ownerId } : wanted);
  }
  const answered = all.flatMap(({ cases }) => cases.answered);
  if (answered.length > 0) for (const open of await tx.cases.openOfKeys(answered)) await closeCase(tx, open, 'its cause is gone');
  for (const exception of all.flatMap(({ exceptions }) => exceptions)) await saveException(tx, exception);
  await tx.notifications.add(...all.flatMap(({ notifications }) => notifications));
  const concerned = all.filter(({ concernsOthers }) => concernsOthers).map(({ before }) => before.id);
  if (concerned.length > 0) {
    await tx.requests.wakeAbout(concerned, tx.context.correlationId, now);
    await tx.cases.tendAbout(concerned, now);
  }
  for (const { id } of superseded) await closeCase(tx, await tx.cases.openOfOperation(id), 'superseded by a newer decision');
  await tendRefusedChanges(tx, superseded);
}

async function saveException(tx: Transaction, { id, endedWith }: ChangedException): Promise<void> {
  if (endedWith === 'restored') await tx.separationExceptions.restore(id);
  else if (endedWith === 'for good') await tx.separationExceptions.revoke(id, tx.context.now);
  else await tx.separationExceptions.endWith(id, endedWith, tx.context.now);
}

/** Ends sessions at applications, with one statement for each reason, and marks those whose next request brings other claims. */
async function saveApplicationSessions(tx: Transaction, all: readonly Effects[]): Promise<void> {
  const { now } = tx.context;
  const ended = Map.groupBy(
    all.flatMap(({ applicationSessions }) => applicationSessions.ended),
    ({ why }) => why,
  );
  for (const [why, sessions] of ended)
    await tx.applicationSessions.end(
      sessions.map(({ id }) => id),
      why,
      now,
    );
  await tx.applicationSessions.outdate(
    all.flatMap(({ applicationSessions }) => applicationSessions.outdated),
    now,
  );
}
