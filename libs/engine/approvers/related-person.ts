import type { Policy } from '@tenure/domain';
import type { StoredIdentity, Transaction } from '@tenure/store';
import type { Engine } from '../decide/engine.ts';
import { findNamed, nameIn } from '../intake/named-person.ts';

/** Finds the managers and sponsors of people. */
export interface RelatedPeople {
  /** `null`: nobody is named, nobody is known by that name, or several are. */
  related(person: StoredIdentity, relation: 'manager' | 'sponsor'): Promise<StoredIdentity | null>;
}

/** Finds related people by the attributes that `relations` of the policy name. */
export function relatedPeople(tx: Transaction, { configuration }: Engine, { document }: Policy): RelatedPeople {
  return {
    async related(person, relation) {
      const naming = document.relations?.[relation];
      const named = naming === undefined ? null : nameIn(person, naming);
      const id = named === null ? null : await findNamed(tx, configuration, named);
      return id === null ? null : tx.identities.get(id);
    },
  };
}

/** True if a person can answer: not after the end, suspended or on leave, also where a date has just made it so. */
export function isThere({ state, lifecycle }: StoredIdentity, now: string): boolean {
  const next = lifecycle?.next ?? null;
  return state === 'active' && (next === null || next.at > now || next.state === 'active');
}

/** True if a person's delegations still count: on leave they do, after their end they do not. */
export function isOfTheHouse({ state, lifecycle }: StoredIdentity, now: string): boolean {
  const next = lifecycle?.next ?? null;
  const since = next !== null && next.at <= now ? next.state : state;
  return since === 'active' || since === 'suspended';
}
