import type { Configuration } from '@tenure/config';
import type { Identity, Instant, PersonNaming, Policy } from '@tenure/domain';
import type { Sponsorship, Transaction } from '@tenure/store';
import { keyOfName, type NamedPerson, nameIn } from '../intake/named-person.ts';
import { isOfTheHouse } from '../approvers/related-person.ts';
import { type SponsorLine, sponsorLines } from './sponsor-lines.ts';

/** Naming of the sponsor, where a lifecycle rule demands one; `null`: none does. */
export function demandedSponsor({ document }: Policy): PersonNaming | null {
  const naming = document.relations?.sponsor;
  return naming !== undefined && document.lifecycle.some(({ requires }) => requires?.includes(naming.attribute)) ? naming : null;
}

/**
 * Living-sponsor status of people: the named sponsor, or a manager who is their deputy, is active or suspended.
 * @returns by id; without people who name nobody, and empty where no lifecycle rule requires a sponsor
 */
export async function livingSponsors(
  tx: Transaction,
  configuration: Configuration,
  policy: Policy,
  people: readonly Pick<Identity, 'id' | 'attributes'>[],
): Promise<ReadonlyMap<string, boolean>> {
  const naming = demandedSponsor(policy);
  if (naming === null) return new Map();
  const named = people.flatMap((person) => {
    const name = nameIn(person, naming);
    return name === null ? [] : [{ id: person.id, name }];
  });
  if (named.length === 0) return new Map();
  const names = named.map(({ name }) => name);
  const lines = await sponsorLines(tx, configuration, policy, names, new Set(named.map(({ id }) => id)));
  return new Map(named.map(({ id, name }) => [id, isLivingLine(lines.get(keyOfName(name)), id, tx.context.now)]));
}

/** Status that was determined last, where the same person is still named; `undefined`: it was not determined. */
export function knownToLive(person: Pick<Identity, 'attributes'>, policy: Policy, known: Sponsorship | null): boolean | undefined {
  const naming = demandedSponsor(policy);
  const name: NamedPerson | null = naming === null ? null : nameIn(person, naming);
  return name !== null && known !== null && known.namedBy === name.by && known.namedValue === name.value ? known.isLiving : undefined;
}

/** True: the line has a living sponsor. A person on leave counts as living; nobody is their own sponsor. */
export function isLivingLine(line: SponsorLine | undefined, identityId: string, now: Instant): boolean {
  return line?.people.some((person) => person.id !== identityId && isOfTheHouse(person, now)) ?? false;
}
