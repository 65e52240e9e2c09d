import type { ScimGroup, ScimUser } from './answers.ts';

/** True if the group shows the user among its members. Some targets return a member's address instead of its id. */
export function showsMember({ members }: ScimGroup, userId: string): boolean {
  return members?.some(({ value }) => isOf(value, userId)) ?? false;
}

/** Members without this one; the others are unchanged. */
export function membersWithout({ members }: ScimGroup, userId: string): readonly { readonly value: string }[] {
  return (members ?? []).filter(({ value }) => !isOf(value, userId));
}

function isOf(value: string, userId: string): boolean {
  return value === userId || value.endsWith(`/Users/${encodeURIComponent(userId)}`);
}

/** Minimum length from which a list with a round number of members may be a page. */
const smallestPage = 20;

/**
 * True if the group may have more members than it shows: it states a higher count, or the list has the length of a page.
 * SCIM has no paging of members (RFC 7643 section 4.2), so targets that shorten the list do not report it.
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

/** Groups that a user lists as direct ones. Memberships through nested groups can be neither granted nor removed. */
export function directGroups({ groups }: ScimUser): readonly { readonly value: string; readonly display?: string | null }[] {
  return (groups ?? []).filter(({ type }) => type?.toLowerCase() !== 'indirect');
}

/** True if a group's displayName is this name, compared without case (RFC 7643 section 4.2). */
export function isCalled(displayName: string | null | undefined, name: string): boolean {
  return displayName?.toLowerCase() === name.toLowerCase();
}

/** Name of a group as the policy writes it, if it is one of these; else as the target does. */
export function asWritten(name: string, entitlements: readonly string[]): string {
  return entitlements.includes(name) ? name : (entitlements.find((entitlement) => isCalled(name, entitlement)) ?? name);
}
