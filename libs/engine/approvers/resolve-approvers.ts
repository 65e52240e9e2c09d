import { type Approvers, type DelegatedKind, type Delegation, delegationLine, earliest, type Instant, nextHandOver, type Policy } from '@tenure/domain';
import type { StoredIdentity, Transaction } from '@tenure/store';
import type { Engine } from '../decide/engine.ts';
import { isOfTheHouse, isThere, relatedPeople } from './related-person.ts';

/** Somebody who is to be asked. */
export interface Asked {
  readonly approverId: string;
  /** Person for whom they are the deputy; `null`: nobody. */
  readonly inPlaceOf: string | null;
  /** Who would be asked if nobody had delegated: it is their manager who is next in line. */
  readonly principalId: string;
  /** Path by which the policy names them. */
  readonly via: string;
}

/** About whose access it is, and who asked: neither of them decides. */
export interface Concerned {
  readonly identityId: string;
  readonly requestedBy: string;
  /** Places in which was answered already: whoever stands in for several takes another one. */
  readonly answered?: ReadonlySet<string>;
}

export interface ApproverResolver {
  /**
   * The people whom these mean now. One who has delegated is replaced by whom they delegated to; one who may not answer, or is not there,
   * by the first of their managers who may.
   */
  resolve(approvers: readonly Approvers[], concerned: Concerned): Promise<readonly Asked[]>;
  /** The managers of these people: the next in line. */
  above(principalIds: readonly string[], concerned: Concerned): Promise<readonly Asked[]>;
  /** When a delegation of somebody who was looked at begins or ends next. */
  handOverAt(): Instant | null;
  /** Everybody on whom the answers depended, there or not: ids, and names of roles and entitlements whose holders were meant. Sorted. */
  dependsOn(): readonly string[];
}

/** Managers that are gone through at most to find one who is there. */
const longestLine = 10;
/** People who are asked at most for one group. */
const mostHolders = 200;

/** Answers from the database each time: who was there yesterday may have left. @param kind what has to be delegated for another to answer */
export function approverResolver(tx: Transaction, engine: Engine, policy: Policy, kind: DelegatedKind = 'approvals'): ApproverResolver {
  const { now } = tx.context;
  const people = relatedPeople(tx, engine, policy);
  const given = new Map<string, readonly Delegation[]>();
  let handOver: Instant | null = null;
  const lookedAt = new Set<string>();

  /** Reads what these people have delegated, and whom they delegated to, until nobody is left to read. */
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

  /** Who answers for somebody: the last of those whom they delegated to and who may, else they themselves. */
  const answering = async (person: StoredIdentity, { identityId, requestedBy }: Concerned): Promise<StoredIdentity | null> => {
    await readDelegations([person.id]);
    const line = delegationLine(person.id, (id) => given.get(id) ?? [], kind, now);
    for (const id of line.slice(1)) lookedAt.add(id);
    const known = line.length === 1 ? [person] : await tx.identities.many(line);
    const inLine = line.flatMap((id) => known.find((one) => one.id === id) ?? []);
    // What somebody has arranged ends with their time here, and with it what hangs on it. And nobody chooses who decides about themselves:
    // what those whom it concerns have arranged does not count for it.
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
        // Replaced by the owner when it was asked for.
        return [];
    }
  };
  // A case can be answered by either of the two, so that whoever stands in for several stands for each of them.
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

/** Each person is asked once: in a place in which nobody has answered, and in their own before another's. */
function withoutRepeats(asked: readonly Asked[], { answered }: Concerned): readonly Asked[] {
  const rank = ({ approverId, inPlaceOf }: Asked): number => (answered?.has(inPlaceOf ?? approverId) === true ? 2 : inPlaceOf === null ? 0 : 1);
  const inOrder = asked.toSorted((a, b) => rank(a) - rank(b));
  return inOrder.filter(({ approverId }, index) => inOrder.findIndex((one) => one.approverId === approverId) === index);
}
