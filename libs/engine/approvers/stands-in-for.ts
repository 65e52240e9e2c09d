import { isDelegated } from '@tenure/domain';
import type { Transaction } from '@tenure/store';
import { isOfTheHouse } from './related-person.ts';

/** Somebody for whom another answers cases. */
export interface StoodInFor {
  readonly id: string;
  /** Who delegated on the way from them to who answers, they themselves included: about none of these the other decides by it. */
  readonly through: readonly string[];
}

/**
 * For whom somebody answers cases at this instant: those who delegated to them, and those who delegated to these.
 * @param about whom a case is about: what they have delegated does not count for it, or they would choose who answers
 */
export async function standsInFor(tx: Transaction, id: string, now: string, about: string | null = null): Promise<readonly StoodInFor[]> {
  const found = new Map<string, StoodInFor>();
  for (let next: readonly string[] = [id]; next.length > 0; ) {
    const given = (await tx.delegations.givenTo(next, now)).filter((one) => isDelegated(one, 'cases', now) && one.fromId !== about);
    const people = await tx.identities.many([...new Set(given.map(({ fromId }) => fromId))]);
    // What somebody has arranged ends with their time here.
    const ofTheHouse = people.filter((person) => person.id !== id && !found.has(person.id) && isOfTheHouse(person, now)).map((person) => person.id);
    for (const one of ofTheHouse) {
      const to = given.find(({ fromId }) => fromId === one)?.toId ?? '';
      found.set(one, { id: one, through: [one, ...(found.get(to)?.through ?? [])] });
    }
    next = ofTheHouse;
  }
  return [...found.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
}
