import { type Approvers, type DelegatedKind, type Delegation, delegationLine, earliest, type Instant, nextHandOver, type Policy } from '@tenure/domain';
import type { StoredIdentity, Transaction } from '@tenure/store';
import type { Engine } from '../decide/engine.ts';
import { isOfTheHouse, isThere, relatedPeople } from './related-person.ts';

/** An approver, as resolved. */
export interface Asked {
  readonly approverId: string;
  /** Person for whom they are the deputy; `null`: they answer for themselves. */
  readonly inPlaceOf: string | null;
  /** Id of the approver without any delegation: the managers who are next in line are theirs. */
  readonly principalId: string;
  /** Path by which the policy names them. */
  readonly via: string;
}

/** People whom an approval concerns: the one whose access it is, and the requester. Neither of them decides. */
export interface Concerned {
  readonly identityId: string;
  readonly requestedBy: string;
  /** Places that have been answered already: a deputy of several people takes another one. */
  readonly answered?: ReadonlySet<string>;
}

export interface ApproverResolver {
  /**
   * Resolves these approvers at this time. One who has delegated is replaced by the deputy; one who may not answer, or is not there, by the first of
   * their managers who may.
   */
  resolve(approvers: readonly Approvers[], concerned: Concerned): Promise<readonly Asked[]>;
  /** The managers of these people: the next in line. */
  above(principalIds: readonly string[], concerned: Concerned): Promise<readonly Asked[]>;
  /** Instant at which the next delegation of a person who was considered begins or ends. */
  handOverAt(): Instant | null;
  /** People on whom the answers depended, there or not: ids, and names of roles and entitlements whose holders were meant. Sorted. */
  dependsOn(): readonly string[];
}

/** Maximum number of managers that are tried to find one who is there. */
const longestLine = 10;
/** Maximum number of approvers for one group. */
const mostHolders = 200;

/**
 * Resolves approvers from the database each time, since people may have left. @param kind the kind that has to be delegated for a deputy to answer
 */
export function approverResolver(tx: Transaction, engine: Engine, policy: Policy, kind: DelegatedKind = 'approvals'): ApproverResolver {
  const { now } = tx.context;
  const people = relatedPeople(tx, engine, policy);
  const given = new Map<string, readonly Delegation[]>();
  let handOver: Instant | null = null;
  const lookedAt = new Set<string>();

  /** Reads the delegations of these people and of their deputies, until nobody is left to read. */
  const readDelegations = async (ids: readonly string[]): Promise<void> => {
    const unread = [...new Set(ids)].filter((id) => !given.has(id));
    if (unread.length === 0) return;
    const found = await tx.delegations.givenBy(unread, now);
    for (const id of unread)
      given.set(
        id,
        found.filter(({ fromId }) => fromId === id),
      );
    handOver = earliest(handOver, nextHandOver(found, now));
    await readDelegations(found.map(({ toId }) => toId));
  };

  /** Person who answers for somebody: the last deputy in the line of delegations who may, otherwise the person. */
  const answering = async (person: StoredIdentity, { identityId, requestedBy }: Concerned): Promise<StoredIdentity | null> => {
    await readDelegations([person.id]);
    const line = delegationLine(person.id, (id) => given.get(id) ?? [], kind, now);
    for (const id of line.slice(1)) lookedAt.add(id);
    const known = line.length === 1 ? [person] : await tx.identities.many(line);
    const inLine = line.flatMap((id) => known.find((one) => one.id === id) ?? []);
    // A delegation ends with the lifecycle of the person who gave it, and with it those that follow from it. And nobody chooses who decides about
    // themselves: delegations by the people concerned do not count.
    const broken = inLine.findIndex((one) => !isOfTheHouse(one, now) || one.id === identityId || one.id === requestedBy);
    const counted = broken < 0 ? inLine : inLine.slice(0, broken);
    return counted.findLast((one) => isThere(one, now)) ?? null;
  };

  const standIn = async (first: StoredIdentity | null, via: string, concerned: Concerned): Promise<readonly Asked[]> => {
    const seen = new Set<string>();
    let person = first;
    for (let step = 0; step < longestLine && person !== null && first !== null && !seen.has(person.id); step += 1) {
      lookedAt.add(person.id);
      const found = await answering(person, concerned);
      if (found !== null) return [{ approverId: found.id, inPlaceOf: found.id === first.id ? null : first.id, principalId: person.id, via }];
      seen.add(person.id);
      person = await people.related(person, 'manager');
    }
    return [];
  };

  const holders = async (name: string, concerned: Concerned): Promise<readonly Asked[]> => {
    lookedAt.add(name);
    const found = await tx.identities.many(await tx.requests.holders(name, now, mostHolders));
    await readDelegations(found.map(({ id }) => id));
    const asked: Asked[] = [];
    for (const person of found) {
      const able = await answering(person, concerned);
      if (able !== null) asked.push({ approverId: able.id, inPlaceOf: able.id === person.id ? null : person.id, principalId: person.id, via: `has ${name}` });
    }
    return asked;
  };

  const one = async (approvers: Approvers, concerned: Concerned): Promise<readonly Asked[]> => {
    switch (approvers.kind) {
      case 'manager':
      case 'sponsor': {
        const subject = await tx.identities.get(concerned.identityId);
        return standIn(subject === null ? null : await people.related(subject, approvers.kind), approvers.kind, concerned);
      }
      case 'person':
        return standIn(await tx.identities.byUserName(approvers.userName), 'by name', concerned);
      case 'holders':
        return holders(approvers.name, concerned);
      case 'owner':
        // Replaced by the owner when the request was made.
        return [];
    }
  };
  // Either deputy can answer a case, so a deputy of several people answers for each of them.
  const once = kind === 'approvals' ? withoutRepeats : (asked: readonly Asked[]): readonly Asked[] => asked;
  return {
    async resolve(approvers, concerned) {
      const asked: Asked[] = [];
      for (const each of approvers) asked.push(...(await one(each, concerned)));
      return once(asked, concerned);
    },
    async above(principalIds, concerned) {
      const asked: Asked[] = [];
      for (const person of await tx.identities.many(principalIds)) {
        lookedAt.add(person.id);
        const manager = await people.related(person, 'manager');
        asked.push(...(await standIn(manager, 'next in line', concerned)));
      }
      return once(asked, concerned);
    },
    handOverAt: () => handOver,
    dependsOn: () => [...lookedAt].sort(),
  };
}

/** Each person is an approver once: in a place that nobody has answered, and in their own place before another's. */
function withoutRepeats(asked: readonly Asked[], { answered }: Concerned): readonly Asked[] {
  const rank = ({ approverId, inPlaceOf }: Asked): number => (answered?.has(inPlaceOf ?? approverId) === true ? 2 : inPlaceOf === null ? 0 : 1);
  const inOrder = asked.toSorted((a, b) => rank(a) - rank(b));
  return inOrder.filter(({ approverId }, index) => inOrder.findIndex((one) => one.approverId === approverId) === index);
}
