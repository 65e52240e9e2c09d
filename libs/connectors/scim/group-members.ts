import type { ScimGroup, ScimUser } from './answers.ts';

/** True: the group shows the user among its members. Some targets return a member's address instead of its id. */
export function showsMember({ members }: ScimGroup, userId: string): boolean {
  return members?.some(({ value }) => isOf(value, userId)) ?? false;
}

/** The members without this one; the others as they were. */
export function membersWithout({ members }: ScimGroup, userId: string): readonly { readonly value: string }[] {
  return (members ?? []).filter(({ value }) => !isOf(value, userId));
}

function isOf(value: string, userId: string): boolean {
  return value === userId || value.endsWith(`/Users/${encodeURIComponent(userId)}`);
}

/** Above this, a list that ends at a round number may be a page of the members. */
const smallestPage = 20;

/**
 * True: the group may have more members than it shows: it states a higher count, or the list has the length of a page.
 * SCIM has no paging of members (RFC 7643 section 4.2), so targets that shorten the list do not say so.
 */
export function mayHoldMore(group: ScimGroup): boolean {
  const shown = group.members?.length ?? 0;
  const isRound = shown % 10 === 0 || shown % 25 === 0 || Math.log2(shown) % 1 === 0;
  return countOf(group) > shown || (shown >= smallestPage && isRound);
}

function countOf(value: unknown): number {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 0;
  const counts = Object.entries(value).map(([key, inner]) =>
    typeof inner === 'number' && /member/i.test(key) ? inner : key.startsWith('urn:') ? countOf(inner) : 0,
  );
  return Math.max(0, ...counts);
}

/** The groups that a user lists and is in directly. What comes through a group in a group can be neither given nor taken. */
export function directGroups({ groups }: ScimUser): readonly { readonly value: string; readonly display?: string | null }[] {
  return (groups ?? []).filter(({ type }) => type?.toLowerCase() !== 'indirect');
}

/** Compares a group's displayName with a name, without case (RFC 7643 section 4.2). */
export function isCalled(displayName: string | null | undefined, name: string): boolean {
  return displayName?.toLowerCase() === name.toLowerCase();
}
