import type { MembershipEvidence, MembershipQuestion, MembershipSighting } from '@tenure/domain';
import type { Client } from 'ldapts';
import { bears, type FoundGroups, isSameId, type LdapGroup, type LdapGroups } from './groups.ts';
import { knownId } from './ids.ts';

/** Data from which the memberships of one entry are derived. */
export interface MembershipReading {
  readonly dn: string;
  /** DNs without an entry by which the account may still be a member of a group. */
  readonly formerDns: readonly string[];
  /** Groups with the entry as a member. */
  readonly held: FoundGroups;
}

/** Evidence by precedence: of several groups of one entitlement, the first of these counts. */
const byWeight: readonly MembershipEvidence[] = ['shown', 'former-name', 'incomplete', 'nothing-shown', 'others-shown'];

/** Answers questions about memberships of one entry: by its groups and, where the answer matters, by the groups of the entitlement. */
export async function sightingsOf(
  client: Client,
  groups: LdapGroups,
  reading: MembershipReading,
  questions: readonly MembershipQuestion[],
): Promise<readonly MembershipSighting[]> {
  const needed = questions.filter(({ isNeeded }) => isNeeded);
  const free = reading.held.groups.filter((group) => !needed.some((question) => means(question, group)));
  return Promise.all(
    questions.map((question) => sightingOf(client, groups, question.isNeeded ? reading : { ...reading, held: { ...reading.held, groups: free } }, question)),
  );
}

async function sightingOf(client: Client, groups: LdapGroups, reading: MembershipReading, question: MembershipQuestion): Promise<MembershipSighting> {
  const { entitlement, isNeeded } = question;
  const { held } = reading;
  const groupId = knownId(question.groupId);
  const shown = held.groups.find(({ id }) => isSameId(id, groupId)) ?? held.groups.find((group) => bears(group, entitlement));
  if (shown !== undefined) {
    // A pending write during a move of the entry can arrive after the membership was granted under the new name.
    const isTwice = isNeeded && (await holdsFormer(client, groups, reading, shown));
    return { entitlement, groupId: shown.id ?? groupId, evidence: isTwice ? 'former-name' : 'shown' };
  }
  if (!isNeeded) return { entitlement, groupId, evidence: byOthersHeld(held) };
  const meant = await groups.meantBy(client, entitlement, groupId);
  if (meant.groups.length === 0) return { entitlement, groupId, evidence: withoutGroup(held, meant, groupId) };
  const seen: { readonly group: LdapGroup; readonly evidence: MembershipEvidence }[] = [];
  for (const group of meant.groups) seen.push({ group, evidence: await inGroup(client, groups, reading, group) });
  const decisive = byWeight.flatMap((evidence) => seen.filter((each) => each.evidence === evidence))[0];
  if (decisive === undefined) return { entitlement, groupId, evidence: 'incomplete' };
  const isSure = meant.isWhole || decisive.evidence === 'shown' || decisive.evidence === 'former-name';
  const evidence = isSure ? decisive.evidence : 'incomplete';
  return { entitlement, groupId: decisive.group.id ?? groupId, evidence };
}

/** Evidence from the group itself, which the search for the groups of an entry may not have reached. */
async function inGroup(client: Client, groups: LdapGroups, { dn, formerDns }: MembershipReading, group: LdapGroup): Promise<MembershipEvidence> {
  if (await groups.holds(client, group.dn, dn)) return 'shown';
  if (await holdsFormer(client, groups, { formerDns }, group)) return 'former-name';
  return (await groups.holds(client, group.dn)) ? 'others-shown' : 'nothing-shown';
}

/** True if a former DN is a member. A later entry of that name would gain the membership, so it must be removed, and a desired one granted again. */
async function holdsFormer(client: Client, groups: LdapGroups, { formerDns }: Pick<MembershipReading, 'formerDns'>, group: LdapGroup): Promise<boolean> {
  for (const former of formerDns) if (await groups.holds(client, group.dn, former)) return true;
  return false;
}

function byOthersHeld({ groups, isWhole }: FoundGroups): MembershipEvidence {
  if (!isWhole) return 'incomplete';
  return groups.length > 0 ? 'others-shown' : 'nothing-shown';
}

/** Evidence when no group has the id or the name. */
function withoutGroup(held: FoundGroups, meant: FoundGroups, groupId: string | null): MembershipEvidence {
  if (!meant.isWhole) return 'incomplete';
  if (groupId !== null) return 'no-such-group';
  // After a rename it may be one of the account's groups.
  return held.isWhole && held.groups.length === 0 ? 'nothing-shown' : 'incomplete';
}

const means = ({ entitlement, groupId }: MembershipQuestion, group: LdapGroup): boolean => isSameId(group.id, groupId) || bears(group, entitlement);

/** Names of the groups of an account: in the policy for the requested ones, else in the directory. */
export function heldNames({ groups }: FoundGroups, questions: readonly MembershipQuestion[], sightings: readonly MembershipSighting[]): readonly string[] {
  const shown = sightings.filter(({ evidence }) => evidence === 'shown');
  const others = groups.filter((group) => !shown.some(({ groupId }) => isSameId(group.id, groupId)) && !questions.some((question) => means(question, group)));
  return [...new Set([...shown.map(({ entitlement }) => entitlement), ...others.flatMap(({ names }) => names[0] ?? [])])].sort();
}
