import type { Facts, UserType } from '@tenure/domain';
import type { StoredRecord } from '@tenure/store';
import type { IncomingRecord } from './incoming-record.ts';

/** Claims from earlier logins that stay in force, because this login leaves them out. */
export interface KeptClaims {
  readonly facts: Facts;
  /** `null`: none were stated. */
  readonly groups: readonly string[] | null;
  readonly userType: UserType | null;
  /** Names of all claims that are kept and not empty: attributes, `groups`, `userType`. Sorted. */
  readonly names: readonly string[];
}

/**
 * Claims of the provider's earlier logins that stay, since this login leaves them out. None of a record that an operator has withdrawn stay.
 * @param known as it was stored before
 */
export function keptClaims({ asserted, groups }: IncomingRecord, known: StoredRecord | undefined): KeptClaims {
  const { leftOut } = asserted ?? {};
  if (known === undefined || leftOut === undefined || (known.withdrawnAt ?? null) !== null)
    return { facts: {}, groups: asserted === undefined ? (known?.groups ?? null) : null, userType: null, names: [] };
  const names = leftOut.attributes.filter((name) => Object.hasOwn(known.facts, name));
  const facts = Object.fromEntries(names.map((name) => [name, known.facts[name] ?? null]));
  const keptGroups = leftOut.groups && (groups ?? null) === null ? known.groups : null;
  const userType = leftOut.userType ? (known.userType ?? null) : null;
  return {
    facts,
    groups: keptGroups,
    userType,
    names: [
      ...names.filter((name) => facts[name] !== null),
      ...(keptGroups !== null && keptGroups.length > 0 ? ['groups'] : []),
      ...(userType === null ? [] : ['userType']),
    ].sort(),
  };
}
