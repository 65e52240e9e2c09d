import { Forbidden, type RepairInput, type RepairPlan, type SecondPersonReason } from '@tenure/domain';
import type { Transaction } from '@tenure/store';
import { rolesInTenure } from '../callers/roles-in-tenure.ts';
import type { Engine } from '../decide/engine.ts';
import type { EndingCaller } from '../leavers/may-end.ts';
import { urgentEndsLeft } from '../leavers/urgent-budget.ts';
import { currentPolicy, policyToDecideBy } from '../policy/read-policy.ts';
import { administering } from './administering.ts';
import { consequencesOf, planOf, type PeopleThen } from './consequences.ts';
import { mergeIdentities } from './merge-identities.ts';
import { moveRecord } from './move-record.ts';
import { releaseUserName } from './release-user-name.ts';
import { isOver, type RepairTerms, type RepairWork } from './repair-work.ts';
import { undoRepair } from './undo-repair.ts';

/** A repair that was carried out in this transaction, with everything that has followed. */
export interface CarriedOut {
  readonly plan: RepairPlan;
  readonly work: RepairWork;
  /** Ids of people whom it has ended. */
  readonly ended: readonly string[];
}

/**
 * Carries a repair out, and computes its plan from the states before and after: plan and repair are the same code, so that nothing follows that the
 * plan does not show. The caller rolls back what was only to be planned.
 * @throws NotFound, InputInvalid; Forbidden to somebody about whom it is, and where no administrator would be left
 */
export async function carryOut(tx: Transaction, engine: Engine, by: EndingCaller, input: RepairInput, terms: RepairTerms): Promise<CarriedOut> {
  const { now } = tx.context;
  // Before any person is locked, so that no other version comes into force meanwhile.
  const inForce = await policyToDecideBy(tx, engine);
  const concerned = await peopleOf(tx, input);
  if (by.personId !== null && concerned.includes(by.personId)) throw new Forbidden('You cannot repair your own identity: another administrator can.');
  const before = await then(tx, concerned);
  const rolesBefore = await rolesOf(tx, engine, concerned);
  const work = await repaired(tx, engine, input, terms);
  const all = [...new Set([...concerned, ...(work.otherId === null ? [] : [work.otherId])])];
  const after = await then(tx, all);
  const rolesAfter = await rolesOf(tx, engine, all);
  if (rolesBefore.includes('admin') && !rolesAfter.includes('admin')) await mustLeaveAdministrator(tx, engine, all[0] ?? '');
  const ended = after.people.filter(
    ({ identity }) => isOver(identity) && before.people.some((one) => one.identity.id === identity.id && !isOver(one.identity)),
  );
  const secondPerson: SecondPersonReason[] = [
    ...(rolesBefore.length + rolesAfter.length > 0 ? (['privileged'] as const) : []),
    ...(ended.length > 0 && (await urgentEndsLeft(tx, engine, by)) < ended.length ? (['urgent-ends'] as const) : []),
  ];
  const loginsToConfirm = rolesAfter.length === 0 ? 0 : (await tx.logins.ofPeople(all)).filter(({ isConfirmed }) => !isConfirmed).length;
  const people = consequencesOf(before, after, { engine, inForce, now });
  return { plan: planOf(people, work, { loginsToConfirm, secondPerson }), work, ended: ended.map(({ identity }) => identity.id) };
}

function repaired(tx: Transaction, engine: Engine, input: RepairInput, terms: RepairTerms): Promise<RepairWork> {
  switch (input.kind) {
    case 'release-user-name':
      return releaseUserName(tx, engine, input.identityId, terms);
    case 'move-record':
      return moveRecord(tx, engine, input.recordId, input.toIdentityId, terms);
    case 'merge-identities':
      return mergeIdentities(tx, engine, input, terms);
    case 'undo':
      return undoRepair(tx, engine, input.repairId, terms);
  }
}

/** Ids of the people whom a repair names, as far as they are known. */
export async function peopleOf(tx: Transaction, input: RepairInput): Promise<readonly string[]> {
  switch (input.kind) {
    case 'release-user-name':
      return [input.identityId];
    case 'move-record': {
      const from = (await tx.records.get(input.recordId))?.identityId ?? null;
      return [...(from === null ? [] : [from]), ...(input.toIdentityId === null ? [] : [input.toIdentityId])];
    }
    case 'merge-identities':
      return [input.fromIdentityId, input.intoIdentityId];
    case 'undo': {
      const repair = await tx.repairs.get(input.repairId);
      return repair === null ? [] : [repair.identityId, ...(repair.otherId === null ? [] : [repair.otherId])];
    }
  }
}

async function then(tx: Transaction, ids: readonly string[]): Promise<PeopleThen> {
  const people = await tx.people.lock(ids);
  const sessions = await tx.sessions.openOf(ids, tx.context.now);
  return { people, sessions: new Map([...Map.groupBy(sessions, ({ identityId }) => identityId)].map(([id, some]) => [id, some.length])) };
}

async function rolesOf(tx: Transaction, engine: Engine, ids: readonly string[]): Promise<readonly string[]> {
  const roles: string[] = [];
  for (const id of ids) roles.push(...(await rolesInTenure(tx, engine, id, tx.context.now)).keys());
  return roles;
}

async function mustLeaveAdministrator(tx: Transaction, engine: Engine, except: string): Promise<void> {
  if ((await tx.urgentEnds.othersWith(administering((await currentPolicy(tx, engine)).document), except, tx.context.now)) > 0) return;
  throw new Forbidden('The repair would leave Tenure without an administrator.');
}
