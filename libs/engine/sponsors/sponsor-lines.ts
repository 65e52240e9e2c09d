import type { Configuration } from '@tenure/config';
import type { Policy } from '@tenure/domain';
import type { StoredIdentity, Transaction } from '@tenure/store';
import { findAllNamed, keyOfName, type NamedPerson, nameIn } from '../intake/named-person.ts';
import { isThere } from '../approvers/related-person.ts';

/** Maximum number of managers that are tried to find one who is there. */
const longestLine = 10;

/** Possible sponsors, in order. */
export interface SponsorLine {
  readonly people: StoredIdentity[];
  /** Name of the manager of the last of them, where it matches nobody. */
  unknown: NamedPerson | null;
}

/**
 * Possible sponsors by name: the named person, and while nobody in the line may answer, the manager of the last.
 * @param excluded people who do not answer, since it is about them
 * @returns by `keyOfName`; without names that match nobody
 */
export async function sponsorLines(
  tx: Transaction,
  configuration: Configuration,
  { document }: Policy,
  names: readonly NamedPerson[],
  excluded: ReadonlySet<string>,
): Promise<ReadonlyMap<string, SponsorLine>> {
  const known = await findAllNamed(tx, configuration, names);
  const lines = new Map([...known].map(([key, person]): [string, SponsorLine] => [key, { people: [person], unknown: null }]));
  const naming = document.relations?.manager;
  const goesOn = ({ people, unknown }: SponsorLine): boolean =>
    unknown === null && !people.some((person) => isThere(person, tx.context.now) && !excluded.has(person.id));
  for (let step = 1; step < longestLine && naming !== undefined; step += 1) {
    const above = [...lines.values()].filter(goesOn).flatMap((line) => {
      const last = line.people.at(-1);
      const name = last === undefined ? null : nameIn(last, naming);
      return name === null ? [] : [{ line, name }];
    });
    if (above.length === 0) break;
    const managers = await findAllNamed(
      tx,
      configuration,
      above.map(({ name }) => name),
    );
    for (const { line, name } of above) {
      const manager = managers.get(keyOfName(name));
      // People who manage themselves, or each other, are known and lead no further.
      if (manager === undefined || line.people.some(({ id }) => id === manager.id)) line.unknown = name;
      else line.people.push(manager);
    }
  }
  return lines;
}
