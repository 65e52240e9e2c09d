import type { MembershipEvidence, MembershipQuestion, MembershipSighting } from '@tenure/domain';
import type { Client } from 'ldapts';
import { bears, type FoundGroups, isSameId, type LdapGroup, type LdapGroups } from './groups.ts';
import { knownId } from './ids.ts';

/** Data from which the memberships of one entry are derived. */
export interface MembershipReading {
  readonly dn: string;
  /** DNs under which a group may hold the account though no entry bears them. */
  readonly formerDns: readonly string[];
  /** Groups that hold the entry. */
  readonly held: FoundGroups;
}

/** Of several groups that one entitlement means, the first of these counts. */
const byWeight: readonly MembershipEvidence[] = ['shown', 'former-name', 'incomplete', 'nothing-shown', 'others-shown'];

/** Answers questions about the memberships of one entry: by the groups that hold it and, where the answer matters, by the groups that are meant. */
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
    // A write under way while the entry was moved can arrive after the membership was given under the new name.
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

/** The group itself is asked: the search for what holds an entry may not have reached it. */
async function inGroup(client: Client, groups: LdapGroups, { dn, formerDns }: MembershipReading, group: LdapGroup): Promise<MembershipEvidence> {
  if (await groups.holds(client, group.dn, dn)) return 'shown';
  if (await holdsFormer(client, groups, { formerDns }, group)) return 'former-name';
  return (await groups.holds(client, group.dn)) ? 'others-shown' : 'nothing-shown';
}

/** Nobody gains by it now, but whoever is given that name later would: it has to be taken, and a membership that is wanted given anew. */
async function holdsFormer(client: Client, groups: LdapGroups, { formerDns }: Pick<MembershipReading, 'formerDns'>, group: LdapGroup): Promise<boolean> {
  for (const former of formerDns) if (await groups.holds(client, group.dn, former)) return true;
  return false;
}

function byOthersHeld({ groups, isWhole }: FoundGroups): MembershipEvidence {
  if (!isWhole) return 'incomplete';
  return groups.length > 0 ? 'others-shown' : 'nothing-shown';
}

/** No group answers to the id or the name. */
function withoutGroup(held: FoundGroups, meant: FoundGroups, groupId: string | null): MembershipEvidence {
  if (!meant.isWhole) return 'incomplete';
  if (groupId !== null) return 'no-such-group';
  // Renamed meanwhile, it may be one of those that hold the account.
  return held.isWhole && held.groups.length === 0 ? 'nothing-shown' : 'incomplete';
}

const means = ({ entitlement, groupId }: MembershipQuestion, group: LdapGroup): boolean => isSameId(group.id, groupId) || bears(group, entitlement);

/** The names of the groups that hold an account: as policy writes those that were asked for, else as the directory does. */
export function heldNames({ groups }: FoundGroups, questions: readonly MembershipQuestion[], sightings: readonly MembershipSighting[]): readonly string[] {
  const shown = sightings.filter(({ evidence }) => evidence === 'shown');
  const others = groups.filter((group) => !shown.some(({ groupId }) => isSameId(group.id, groupId)) && !questions.some((question) => means(question, group)));
  return [...new Set([...shown.map(({ entitlement }) => entitlement), ...others.flatMap(({ names }) => names[0] ?? [])])].sort();
}
