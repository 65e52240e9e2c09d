import type { Configuration } from '@tenure/config';
import { foldCase, type NewNotification, type Policy, type Trigger } from '@tenure/domain';
import type { Sponsorship, Transaction } from '@tenure/store';
import { closeCase, notificationOfCase, openCase } from '../cases/open-case.ts';
import { keyOfName, type NamedPerson, nameIn } from '../intake/named-person.ts';
import { isThere } from '../approvers/related-person.ts';
import { sameJson } from '../decide/same-json.ts';
import { demandedSponsor, isLivingLine } from './living-sponsors.ts';
import { type SponsorLine, sponsorLines } from './sponsor-lines.ts';
import type { Decided } from './decided.ts';
import { wake } from '../decide/wake.ts';

/** Reason for a sponsor whom the facts name; everybody else is a substitute. */
const isNamed = 'is named';

interface Question {
  readonly identityId: string;
  readonly named: NamedPerson;
  readonly known: Sponsorship | null;
}

/**
 * Resolves the present sponsors of these people, and of those whose sponsor depends on them: the named person, or the first of their managers who is
 * there. Open cases move to the new sponsor; where nobody is found, a case asks the operators.
 * @returns sponsor of each of these people; `null`: nobody
 */
export async function settleSponsors(
  tx: Transaction,
  configuration: Configuration,
  policy: Policy,
  decided: readonly Decided[],
  trigger: Trigger,
): Promise<ReadonlyMap<string, string | null>> {
  const { sponsor: naming, manager } = policy.document.relations ?? {};
  const sponsors = new Map(decided.map(({ after, sponsorship }) => [after.id, sponsorship?.sponsorId ?? null]));
  if (naming === undefined) return sponsors;
  const questions = new Map<string, Question>();
  const over: string[] = [];
  // Another policy may define the manager differently, and a restart trusts nothing.
  const isAnew = trigger === 'policy' || trigger === 'restart';
  for (const { after, sponsorship: known } of decided) {
    const named = after.state === 'left' || after.state === 'erased' ? null : nameIn(after, naming);
    if (named === null && known !== null) over.push(after.id);
    if (named !== null && (isAnew || known === null || known.sponsorId === null || known.namedBy !== named.by || known.namedValue !== named.value))
      questions.set(after.id, { identityId: after.id, named, known });
  }
  const stirred = decided.filter((one) => hasStirred(one, manager?.attribute));
  if (stirred.length > 0 || questions.size > 0) await tx.sponsorships.takeTurn();
  const resting = stirred.length === 0 ? [] : await tx.sponsorships.restingOn(stirred.flatMap(keysOf));
  for (const known of resting)
    if (!questions.has(known.identityId) && !over.includes(known.identityId))
      questions.set(known.identityId, { identityId: known.identityId, named: { by: known.namedBy, value: known.namedValue }, known });
  await save(tx, configuration, policy, { questions: [...questions.values()], over, decided }, sponsors);
  return sponsors;
}

async function save(
  tx: Transaction,
  configuration: Configuration,
  policy: Policy,
  { questions, over, decided }: { readonly questions: readonly Question[]; readonly over: readonly string[]; readonly decided: readonly Decided[] },
  sponsors: Map<string, string | null>,
): Promise<void> {
  if (over.length > 0) await tx.sponsorships.remove(over);
  const subjects = new Set(questions.map(({ identityId }) => identityId));
  const names = questions.map(({ named }) => named);
  const lines = names.length === 0 ? new Map<string, SponsorLine>() : await sponsorLines(tx, configuration, policy, names, subjects);
  const settled = questions.map((question) => ({ known: question.known, found: answer(question, lines.get(keyOfName(question.named)), tx.context.now) }));
  const changed = settled.filter(({ known, found }) => known === null || !sameJson(known, found));
  if (changed.length > 0) await tx.sponsorships.save(changed.map(({ found }) => found));
  if (demandedSponsor(policy) !== null) await wakeWhoseSponsor(tx, changed, decided);
  const moved = changed.filter(({ known, found }) => known === null || known.sponsorId !== found.sponsorId);
  for (const { known, found } of moved) {
    const { identityId, sponsorId: to, why } = found;
    if (sponsors.has(identityId)) sponsors.set(identityId, to);
    tx.audit.record({
      action: 'identity.sponsorChanged',
      subjectKind: 'identity',
      subjectId: identityId,
      identityId,
      reason: { from: known?.sponsorId ?? null, to, why },
    });
    if (known?.sponsorId != null && to !== null && why !== isNamed) await tx.notifications.add(takenOver(found, to));
  }
  await moveCases(
    tx,
    moved.map(({ found }) => found),
  );
  for (const { found } of changed.filter(({ found: { sponsorId } }) => sponsorId === null)) await openCase(tx, sponsorMissing(found));
  await closeMissing(tx, [...over, ...moved.filter(({ found }) => found.sponsorId !== null).map(({ found }) => found.identityId)]);
}

/** Schedules a new decision for people whose access requires a living sponsor, where the last decision used another status of the sponsor. */
async function wakeWhoseSponsor(
  tx: Transaction,
  changed: readonly { readonly known: Sponsorship | null; readonly found: Sponsorship }[],
  decided: readonly Decided[],
): Promise<void> {
  for (const { known, found } of changed) {
    const { identityId, isLiving } = found;
    const now = decided.find(({ after }) => after.id === identityId);
    const taken = now === undefined ? known?.isLiving : now.sponsorLives;
    if (taken !== isLiving) await wake(tx, identityId, 'decision', !isLiving);
  }
}

function answer({ identityId, named, known }: Question, found: SponsorLine | undefined, now: string): Sponsorship {
  const { people: line = [], unknown = null } = found ?? {};
  const sponsor = line.find((person) => person.id !== identityId && isThere(person, now)) ?? null;
  const passed = sponsor === null ? line : line.slice(0, line.indexOf(sponsor));
  const absent = passed.map(({ id, state }) => (id === identityId ? 'the person themselves' : `${id} (${state})`)).join(', then ');
  const why =
    line.length === 0
      ? `nobody, or more than one, is known by the ${named.by} that is named`
      : passed.length === 0
        ? isNamed
        : sponsor === null
          ? `nobody is there: not ${absent}`
          : `in place of ${absent}`;
  return {
    identityId,
    namedBy: named.by,
    namedValue: named.value,
    sponsorId: sponsor?.id ?? null,
    isLiving: isLivingLine(found, identityId, now),
    why,
    restsOn: [
      nameKey(named),
      ...[...passed, ...(sponsor === null ? [] : [sponsor])].map(({ id }) => id),
      ...(sponsor === null && unknown !== null ? [nameKey(unknown)] : []),
    ],
    sponsorSince: known !== null && known.sponsorId === (sponsor?.id ?? null) ? known.sponsorSince : now,
  };
}

/** True if others may have to be decided again: somebody new, somebody who came or went, or another name, number or manager. */
function hasStirred({ before, after }: Decided, manager: string | undefined): boolean {
  if (before.lifecycle === null || before.state !== after.state) return true;
  const names = ['employeeNumber', 'email', ...(manager === undefined ? [] : [manager])];
  return names.some((name) => !sameJson(before.attributes[name]?.value ?? null, after.attributes[name]?.value ?? null));
}

/** Attributes and keys of a person on which sponsorships may rest. */
function keysOf({ after: { id, userName, attributes } }: Decided): string[] {
  const said = (['employeeNumber', 'email'] as const).map((by) => ({ by, value: attributes[by]?.value }));
  return [id, nameKey({ by: 'userName', value: userName }), ...said.flatMap(({ by, value }) => (typeof value === 'string' ? [nameKey({ by, value })] : []))];
}

function nameKey({ by, value }: NamedPerson): string {
  return `${by} ${foldCase(value)}`;
}

function takenOver({ identityId, sponsorSince }: Sponsorship, to: string): NewNotification {
  const about = { identityId };
  return { kind: 'sponsorship-taken-over', key: `${identityId}/${sponsorSince}`, recipient: { identityId: to }, about, data: {} };
}

async function moveCases(tx: Transaction, moved: readonly Sponsorship[]): Promise<void> {
  if (moved.length === 0) return;
  const to = new Map(moved.map((one) => [one.identityId, one]));
  for (const open of await tx.cases.openOfKeys(moved.map((one) => `contract-ending/${one.identityId}`))) {
    const { id, kind, identityId, ownerId } = open;
    const { sponsorId = null, why = '' } = to.get(identityId ?? '') ?? {};
    if (ownerId === sponsorId) continue;
    await tx.cases.giveTo(id, { ownerId: sponsorId, ownerGroup: null }, tx.context.now);
    if (sponsorId !== null) await tx.notifications.add(notificationOfCase(open, { identityId: sponsorId }));
    tx.audit.record({ action: 'case.reassigned', subjectKind: 'case', subjectId: id, identityId, reason: { kind, from: ownerId, to: sponsorId, why } });
  }
}

function sponsorMissing({ identityId, namedBy, why }: Sponsorship): Parameters<typeof openCase>[1] {
  return {
    kind: 'sponsor-missing',
    key: `sponsor-missing/${identityId}`,
    identityId,
    target: null,
    operationId: null,
    evidence: { namedBy, why },
  };
}

async function closeMissing(tx: Transaction, identityIds: readonly string[]): Promise<void> {
  if (identityIds.length === 0) return;
  for (const open of await tx.cases.openOfKeys(identityIds.map((id) => `sponsor-missing/${id}`))) await closeCase(tx, open, 'its cause is gone');
}
