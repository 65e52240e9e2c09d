import { type MembershipEvidence, type MembershipQuestion, type MembershipSighting, sameValue } from '@tenure/domain';
import { idIn } from './rows.ts';

/** A group of an account. */
export interface ListedGroup {
  readonly name: string;
  /** Id of the group; `null`: the statement returns no `group_id`. */
  readonly id: string | null;
}

/** Groups of one account, with the comparison of their names. */
export interface Listing {
  readonly groups: readonly ListedGroup[];
  /** True if the column has the type citext, which compares without case. */
  readonly isCaseless: boolean;
}

/** Group of a row of `memberships`; `null`: the row is invalid. */
export function listedGroup(row: unknown): ListedGroup | null {
  const name: unknown = typeof row === 'object' && row !== null && 'entitlement' in row ? row.entitlement : null;
  return typeof name === 'string' && name !== '' ? { name, id: idIn(row, 'group_id') } : null;
}

/** Group of a question: by its id, else by its name as the database compares names. */
export function groupFor(question: Pick<MembershipQuestion, 'entitlement' | 'groupId'>, { groups, isCaseless }: Listing): ListedGroup | undefined {
  const { entitlement, groupId } = question;
  return (
    groups.find(({ id }) => groupId !== null && id === groupId) ??
    groups.find(({ name }) => name === entitlement) ??
    (isCaseless ? groups.find(({ name }) => sameValue(name, entitlement, { compare: 'caseless' })) : undefined)
  );
}

/**
 * Answers each question from the listed groups of the account.
 * @param isFiltered called for groups that are not listed: true if row security hides rows, so that the account may be in them
 */
export async function sightingsOf(
  questions: readonly MembershipQuestion[],
  listing: Listing,
  isFiltered: () => Promise<boolean>,
): Promise<readonly MembershipSighting[]> {
  const found = questions.map((question) => ({ question, group: groupFor(question, listing) }));
  const listed: MembershipEvidence = listing.groups.length > 0 ? 'others-shown' : 'nothing-shown';
  const otherwise = found.some(({ group }) => group === undefined) && (await isFiltered()) ? 'incomplete' : listed;
  return found.map(({ question: { entitlement, groupId }, group }) =>
    group === undefined ? { entitlement, groupId, evidence: otherwise } : { entitlement, groupId: group.id ?? groupId, evidence: 'shown' },
  );
}

/** Names of the groups: in the policy for the requested ones, in the database for the others. */
export function namesOf(questions: readonly MembershipQuestion[], listing: Listing): readonly string[] {
  const asked = new Map<ListedGroup, string[]>();
  for (const question of questions) {
    const group = groupFor(question, listing);
    if (group !== undefined) asked.set(group, [...(asked.get(group) ?? []), question.entitlement]);
  }
  return [...new Set(listing.groups.flatMap((group) => asked.get(group) ?? group.name))].sort();
}

/** Names of the groups of many accounts, as `namesOf` returns them. Accounts that are in the same groups share one list. */
export function sharedNamesOf(questions: readonly MembershipQuestion[], isCaseless: boolean): (groups: readonly ListedGroup[]) => readonly string[] {
  const known = new Map<string, readonly string[]>();
  return (groups) => {
    let key = '';
    // No text of PostgreSQL contains NUL.
    for (const { name, id } of groups) key += `${name}\0${id ?? ''}\0`;
    const names = known.get(key) ?? namesOf(questions, { groups, isCaseless });
    known.set(key, names);
    return names;
  };
}
