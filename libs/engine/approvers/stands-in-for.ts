import { isDelegated } from '@tenure/domain';
import type { Transaction } from '@tenure/store';
import { isOfTheHouse } from './related-person.ts';

/** Person for whom a deputy answers cases. */
export interface StoodInFor {
  readonly id: string;
  /** Ids of those who delegated on the way to the deputy, the person included: about none of them does this let the deputy decide. */
  readonly through: readonly string[];
}

/**
 * People for whom a deputy answers cases at this instant: those who delegated to them, and those who delegated to these.
 * @param about person whom a case is about: their own delegations do not count for it, or they would choose who answers
 */
export async function standsInFor(tx: Transaction, id: string, now: string, about: string | null = null): Promise<readonly StoodInFor[]> {
  const found = new Map<string, StoodInFor>();
  for (let next: readonly string[] = [id]; next.length > 0; ) {
    const given = (await tx.delegations.givenTo(next, now)).filter((one) => isDelegated(one, 'cases', now) && one.fromId !== about);
    const people = await tx.identities.many([...new Set(given.map(({ fromId }) => fromId))]);
    // Delegations end with the lifecycle of the person who gave them.
    const ofTheHouse = people.filter((person) => person.id !== id && !found.has(person.id) && isOfTheHouse(person, now)).map((person) => person.id);
    for (const one of ofTheHouse) {
      const to = given.find(({ fromId }) => fromId === one)?.toId ?? '';
      found.set(one, { id: one, through: [one, ...(found.get(to)?.through ?? [])] });
    }
    next = ofTheHouse;
  }
  return [...found.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
}
