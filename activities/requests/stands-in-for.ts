import { isDelegated } from '@tenure/domain';
import type { Transaction } from '@tenure/store';
import { isOfTheHouse } from './related-person.ts';

/**
 * For whom somebody answers cases at this instant: those who delegated to them, and those who delegated to these.
 * @param about whom a case is about: what they have delegated does not count for it, or they would choose who answers
 */
export async function standsInFor(tx: Transaction, id: string, now: string, about: string | null = null): Promise<readonly string[]> {
  const found = new Set<string>();
  for (let next: readonly string[] = [id]; next.length > 0; ) {
    const given = (await tx.delegations.givenTo(next, now)).filter((one) => isDelegated(one, 'cases', now) && one.fromId !== about);
    const people = await tx.identities.many([...new Set(given.map(({ fromId }) => fromId))]);
    // What somebody has arranged ends with their time here.
    next = people.filter((person) => person.id !== id && !found.has(person.id) && isOfTheHouse(person, now)).map((person) => person.id);
    for (const one of next) found.add(one);
  }
  return [...found].sort();
}
