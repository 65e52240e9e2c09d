import { createHash } from 'node:crypto';
import {
  type AccountConsequence,
  decideAccess,
  grantsAt,
  type Instant,
  mergeFacts,
  type PersonConsequences,
  type RepairPlan,
  type SeparationViolation,
} from '@tenure/domain';
import type { Person, StoredAccount, StoredOperation } from '@tenure/store';
import type { Engine } from '../decide/engine.ts';
import { questionOf } from '../decide/question-of.ts';
import type { PolicyInForce } from '../policy/policy-in-force.ts';
import { knownToLive } from '../sponsors/living-sponsors.ts';
import type { RepairWork } from './repair-work.ts';

/** People of a repair at one moment. */
export interface PeopleThen {
  readonly people: readonly Person[];
  /** Open sessions by person. */
  readonly sessions: ReadonlyMap<string, number>;
}

/** Consequences for each person, from their states before and after. People who were created have none before. */
export function consequencesOf(
  before: PeopleThen,
  after: PeopleThen,
  { engine, inForce, now }: { readonly engine: Engine; readonly inForce: PolicyInForce; readonly now: Instant },
): readonly PersonConsequences[] {
  const ownerBefore = new Map(before.people.flatMap(({ accounts }) => accounts.map(({ id, identityId }) => [id, identityId])));
  const ownerAfter = new Map(after.people.flatMap(({ accounts }) => accounts.map(({ id, identityId }) => [id, identityId])));
  const found = after.people.map((person): PersonConsequences => {
    const { id } = person.identity;
    const was = before.people.find(({ identity }) => identity.id === id);
    const [had, has] = [namesOf(was, now), namesOf(person, now)];
    const arisen = violationsOf(person, engine, inForce, now).filter(
      (one) => was === undefined || !violationsOf(was, engine, inForce, now).some(({ rule, names }) => rule === one.rule && names.join() === one.names.join()),
    );
    return {
      identityId: was === undefined ? null : id,
      before: was?.identity.state ?? null,
      after: person.identity.state,
      gained: has.filter((name) => !had.includes(name)),
      lost: had.filter((name) => !has.includes(name)),
      accounts: accountsOf(was, person, ownerBefore, ownerAfter),
      sessionsEnded: Math.max(0, (before.sessions.get(id) ?? 0) - (after.sessions.get(id) ?? 0)),
      violations: arisen.map(({ rule, names, withheld }) => ({ rule, names, withheld })),
    };
  });
  // A new identity has another id in the plan than when it is carried out.
  return found.toSorted((a, b) => Number(a.identityId === null) - Number(b.identityId === null));
}

/**
 * Plan with its digest. Times are no part of the digest, since they pass between plan and repair, nor is who has to approve it; rows are, since another
 * row is another consequence.
 */
export function planOf(people: readonly PersonConsequences[], work: RepairWork, more: Pick<RepairPlan, 'loginsToConfirm' | 'secondPerson'>): RepairPlan {
  const { loginsEnded, itemsEnded, forGood } = work;
  const rows = Object.entries(work.moved).filter(([column]) => column.includes('.') && !column.startsWith('operator.'));
  const moved = Object.fromEntries(rows.map(([column, keys]) => [column, keys.length]));
  const told = { people, moved, loginsEnded, itemsEnded, forGood, loginsToConfirm: more.loginsToConfirm };
  const digest = createHash('sha256')
    .update(JSON.stringify([told, rows.map(([column, keys]) => [column, [...keys].sort()])]))
    .digest('hex')
    .slice(0, 32);
  return { digest, ...told, secondPerson: more.secondPerson };
}

function namesOf(person: Person | undefined, now: Instant): readonly string[] {
  return [...new Set(grantsAt(person?.grants ?? [], now).map(({ name }) => name))].sort();
}

function violationsOf(person: Person, { configuration }: Engine, { policy }: PolicyInForce, now: Instant): readonly SeparationViolation[] {
  const question = questionOf(person, policy, configuration, now);
  const merged = mergeFacts(question);
  return decideAccess({ ...question, merged, sponsorLives: knownToLive(merged, policy, person.sponsorship) }).violations;
}

function accountsOf(
  was: Person | undefined,
  is: Person,
  ownerBefore: ReadonlyMap<string, string>,
  ownerAfter: ReadonlyMap<string, string>,
): readonly AccountConsequence[] {
  const { id } = is.identity;
  const had = was?.accounts ?? [];
  const targets = [...new Set([...had, ...is.accounts].map(({ target }) => target))].sort();
  return targets.flatMap((target): AccountConsequence[] => {
    const [one, other] = [had.find((account) => account.target === target), is.accounts.find((account) => account.target === target)];
    const to = one === undefined ? undefined : ownerAfter.get(one.id);
    const from = other === undefined ? undefined : ownerBefore.get(other.id);
    const operations = other === undefined ? [] : pending(is.operations, other);
    const isSame = one?.id === other?.id && one?.desired.state === other?.desired.state && operations.length === 0;
    if (isSame) return [];
    return [
      {
        target,
        accountId: from === undefined ? null : (other?.id ?? null),
        before: one?.desired.state ?? null,
        after: other?.desired.state ?? null,
        ...(from === undefined || from === id ? {} : { from }),
        ...(to === undefined || to === id ? {} : { to }),
        operations,
      },
    ];
  });
}

function pending(operations: readonly StoredOperation[], { id }: StoredAccount): AccountConsequence['operations'] {
  return operations
    .filter(({ accountId, status }) => accountId === id && status === 'pending')
    .map(({ change }) => ({ kind: change.kind, ...('entitlement' in change ? { entitlement: change.entitlement } : {}) }))
    .toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}
