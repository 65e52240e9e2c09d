import { type MembershipEvidence, type MembershipQuestion, type MembershipSighting, sameValue } from '@tenure/domain';
import { idIn } from './rows.ts';

/** A group that an account is in. */
export interface ListedGroup {
  readonly name: string;
  /** `null`: the statement answers with no `group_id`. */
  readonly id: string | null;
}

/** The groups of one account, and how their names are compared. */
export interface Listing {
  readonly groups: readonly ListedGroup[];
  /** The column is of type citext: upper and lower case are the same to the database. */
  readonly isCaseless: boolean;
}

/** A row of `memberships`; `null`: it is none. */
export function listedGroup(row: unknown): ListedGroup | null {
  const name: unknown = typeof row === 'object' && row !== null && 'entitlement' in row ? row.entitlement : null;
  return typeof name === 'string' && name !== '' ? { name, id: idIn(row, 'group_id') } : null;
}

/** The group that a question asks for: by its id, else by its name as the database compares names. */
export function groupFor(question: Pick<MembershipQuestion, 'entitlement' | 'groupId'>, { groups, isCaseless }: Listing): ListedGroup | undefined {
  const { entitlement, groupId } = question;
  return (
    groups.find(({ id }) => groupId !== null && id === groupId) ??
    groups.find(({ name }) => name === entitlement) ??
    (isCaseless ? groups.find(({ name }) => sameValue(name, entitlement, { compare: 'caseless' })) : undefined)
  );
}

/**
 * Answers each question from what the database lists for the account.
 * @param isFiltered asked where a group is not listed: whether row security leaves out rows, so that it may be there
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

/** The names of the groups: as policy writes those that are asked for, the others as the database does. */
export function namesOf(questions: readonly MembershipQuestion[], listing: Listing): readonly string[] {
  const asked = new Map<ListedGroup, string[]>();
  for (const question of questions) {
    const group = groupFor(question, listing);
    if (group !== undefined) asked.set(group, [...(asked.get(group) ?? []), question.entitlement]);
  }
  return [...new Set(listing.groups.flatMap((group) => asked.get(group) ?? group.name))].sort();
}
