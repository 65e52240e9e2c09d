import type { Configuration } from '@tenure/config';
import { type Identity, normalText, type PersonNaming } from '@tenure/domain';
import type { Candidate, StoredIdentity, StoredRecord, Transaction, Wanted } from '@tenure/store';
import { isSameKey } from './correlation-value.ts';
import { hasEnded, knownPerson } from './known-person.ts';
import { authoritativeSources } from './settings-of-source.ts';

/** Naming of a person by an attribute, with its value. */
export interface NamedPerson {
  readonly by: PersonNaming['by'];
  readonly value: string;
}

/** Naming of somebody else in a person's attribute; `null`: none. */
export function nameIn({ attributes }: Pick<Identity, 'attributes'>, { attribute, by }: PersonNaming): NamedPerson | null {
  const value = Object.hasOwn(attributes, attribute) ? attributes[attribute]?.value : undefined;
  return typeof value === 'string' && normalText(value) !== '' ? { by, value } : null;
}

/**
 * Resolves names to people. Only sources with authority assign employee numbers, and an e-mail address counts only where its source is trusted for
 * it: otherwise a partner's login could make somebody a manager.
 * @returns by `keyOfName`; without those that match nobody, or several
 */
export async function findAllNamed(tx: Transaction, configuration: Configuration, names: readonly NamedPerson[]): Promise<ReadonlyMap<string, StoredIdentity>> {
  const found = new Map<string, StoredIdentity>();
  const userNames = names.filter(({ by }) => by === 'userName').map(({ value }) => value);
  if (userNames.length > 0) {
    const people = await tx.identities.byUserNames(userNames);
    // A user name of an identity that was merged means the one that goes on.
    const merged = people.flatMap(({ mergedInto = null }) => mergedInto ?? []);
    const others = new Map(merged.length === 0 ? [] : (await tx.identities.many(merged)).map((person) => [person.id, person]));
    for (const person of people) found.set(keyOfName({ by: 'userName', value: person.userName }), others.get(person.mergedInto ?? '') ?? person);
  }
  const wanted = (['employeeNumber', 'email'] as const).flatMap((by) => {
    const values = [...new Set(names.filter((name) => name.by === by).map(({ value }) => value))];
    return values.length === 0 ? [] : [{ attribute: by, values, sources: by === 'email' ? ('trusted' as const) : authoritativeSources(configuration) }];
  });
  if (wanted.length === 0) return found;
  const { found: candidates } = await tx.records.look(wanted, []);
  const ids = new Map<string, string>();
  for (const [index, { attribute: by, sources }] of wanted.entries())
    for (const [value, some] of candidates[index] ?? []) {
      const [only, ...others] = some.length > 1 ? await havingNow(tx, configuration, some, { by, value }, sources) : some;
      if (only !== undefined && others.length === 0) ids.set(keyOfName({ by, value }), only.identityId);
    }
  const people = new Map((await tx.identities.many([...new Set(ids.values())])).map((person) => [person.id, person]));
  for (const [key, id] of ids) {
    const person = people.get(id);
    if (person !== undefined) found.set(key, person);
  }
  return found;
}

/** Ids of those people, among several whom a name matches, who have it now: numbers and addresses are given to new people. */
async function havingNow(
  tx: Transaction,
  configuration: Configuration,
  candidates: readonly Candidate[],
  { by, value }: NamedPerson,
  sources: Wanted['sources'],
): Promise<readonly Candidate[]> {
  // A transaction that only reads has no clock: the state of the last decision counts.
  if (tx.context.now === '') return candidates.filter(({ state }) => !hasEnded(state, null, ''));
  const records = Map.groupBy(await tx.identities.recordsOfMany(candidates.map(({ identityId }) => identityId)), ({ identityId }) => identityId);
  return candidates.filter((candidate) => {
    const { isOver, living } = knownPerson(configuration, candidate, records.get(candidate.identityId) ?? [], tx.context.now);
    const counts = ({ source, emailTrusted }: StoredRecord): boolean => (sources === 'trusted' ? emailTrusted : sources.includes(source));
    return !isOver && living.some((record) => counts(record) && isSameKey(record.facts[by], value));
  });
}

export function keyOfName({ by, value }: NamedPerson): string {
  return `${by}\n${value}`;
}

/** Id of the person whom a name means; `null` when it matches nobody, or several. */
export async function findNamed(tx: Transaction, configuration: Configuration, name: NamedPerson): Promise<string | null> {
  return (await findAllNamed(tx, configuration, [name])).get(keyOfName(name))?.id ?? null;
}
