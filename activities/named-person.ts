import type { Configuration } from '@tenure/config';
import type { Identity, PersonNaming } from '@tenure/domain';
import type { Transaction } from '@tenure/store';
import { authoritativeSources } from './settings-of-source.ts';

/** How an attribute names somebody, with what it says. */
export interface NamedPerson {
  readonly by: PersonNaming['by'];
  readonly value: string;
}

/** What a person's attribute says of somebody else; `null`: nothing. */
export function nameIn({ attributes }: Pick<Identity, 'attributes'>, { attribute, by }: PersonNaming): NamedPerson | null {
  const value = Object.hasOwn(attributes, attribute) ? attributes[attribute]?.value : undefined;
  return typeof value === 'string' && value !== '' ? { by, value } : null;
}

/**
 * Whom a name means. Only sources with authority say which employee number is whose, and an e-mail counts only where its source is
 * trusted for it: else a partner's login could make somebody a manager.
 * @returns `null` when nobody is known by it, or several are
 */
export async function findNamed(tx: Transaction, configuration: Configuration, { by, value }: NamedPerson): Promise<string | null> {
  if (by === 'userName') return (await tx.identities.byUserName(value))?.id ?? null;
  const sources = by === 'email' ? 'trusted' : authoritativeSources(configuration);
  const { found } = await tx.records.look([{ attribute: by, values: [value], sources }], []);
  const known = found[0]?.get(value) ?? [];
  return known.length === 1 ? (known[0]?.identityId ?? null) : null;
}
