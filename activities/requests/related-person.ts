import type { Policy } from '@tenure/domain';
import type { StoredIdentity, Transaction } from '@tenure/store';
import type { Loop } from '../loop.ts';
import { authoritativeSources } from '../settings-of-source.ts';

/** Finds who stands to a person as what. */
export interface RelatedPeople {
  /** `null`: nobody is named, nobody is known by that name, or several are. */
  related(person: StoredIdentity, relation: 'manager' | 'sponsor'): Promise<StoredIdentity | null>;
}

/**
 * By the attributes that `relations` of the policy name. Only sources with authority say which employee number is whose, and an e-mail
 * counts only where its source is trusted for it: else a partner's login could make somebody a manager.
 */
export function relatedPeople(tx: Transaction, { configuration }: Loop, { document }: Policy): RelatedPeople {
  const find = async (by: 'employeeNumber' | 'userName' | 'email', value: string): Promise<StoredIdentity | null> => {
    if (by === 'userName') return tx.identities.byUserName(value);
    const sources = by === 'email' ? ('trusted' as const) : authoritativeSources(configuration);
    const { found } = await tx.records.look([{ attribute: by, values: [value], sources }], []);
    const candidates = found[0]?.get(value) ?? [];
    const [only] = candidates;
    return only === undefined || candidates.length > 1 ? null : tx.identities.get(only.identityId);
  };
  return {
    async related(person, relation) {
      const { attribute, by } = document.relations?.[relation] ?? {};
      const value = attribute !== undefined && Object.hasOwn(person.attributes, attribute) ? person.attributes[attribute]?.value : undefined;
      return by === undefined || typeof value !== 'string' || value === '' ? null : find(by, value);
    },
  };
}

/** Whether somebody is there to answer: left, suspended and on leave are not, also where a date has just made it so. */
export function isThere({ state, lifecycle }: StoredIdentity, now: string): boolean {
  const next = lifecycle?.next ?? null;
  return state === 'active' && (next === null || next.at > now || next.state === 'active');
}
