import { randomUUID } from 'node:crypto';
import type { Configuration } from '@tenure/config';
import type { Expression, Instant, UserType, WhyAmbiguous } from '@tenure/domain';
import type { AuditEntry, Person, StoredIdentity, StoredRecord, Transaction, Wanted } from '@tenure/store';
import { closeCase, openCase } from '../cases/open-case.ts';
import { baseOfUserName, chooseUserName } from './choose-user-name.ts';
import { type ClaimMappings, userTypeStatedBy } from './claim-mappings.ts';
import { type Correlation, correlate } from './correlate.ts';
import { type CorrelationValue, correlationValues } from './correlation-value.ts';
import { inRounds } from './in-rounds.ts';
import { isRepeat } from './is-repeat.ts';
import { keptClaims } from './kept-claims.ts';
import { type KnownPerson, knownPerson } from './known-person.ts';
import { answerOfKnown, auditConflict } from './known-record.ts';
import { changeOfSubject, objectionToLogin } from '../login/may-link-login.ts';
import { recordOf } from './record-of.ts';
import { settingsOfSource, type SourceOrProvider, sourcesKeyedBy, trustsDomainOf } from './settings-of-source.ts';
import { userTypeFor } from './user-type-for.ts';
import type { TakenRecord } from './taken-record.ts';
import type { IncomingRecord } from './incoming-record.ts';

export interface StoredIntake {
  /** Results in the order of the input. */
  readonly taken: readonly TakenRecord[];
  /** New people, as they were stored, so that the caller need not read them again. */
  readonly created: ReadonlyMap<string, Person>;
}

/**
 * Correlates records, creates people where the source may, and stores: with the same result as one record after the other, with a few statements for
 * all of them. The following decision is made by `decide`.
 */
export async function storeRecords(tx: Transaction, terms: IntakeTerms, incoming: readonly IncomingRecord[]): Promise<StoredIntake> {
  const arrivals = incoming.map((record) => arrivalOf(terms, record));
  const known = new Map((await tx.records.lock(incoming)).map((record) => [keyOf(record), record]));
  const strangers = arrivals.filter((arrival) => identityOf(arrival, known) === null);
  await tx.records.lockKeys(strangers.flatMap(({ values, base }) => [...values.map(lockOf), `userName\n${base}`]));
  const taken = new Map<Arrival, TakenRecord>();
  const created = new Map<string, Person>();
  // Records that may belong to one person wait for each other, so that the second finds the result of the first.
  for (const round of inRounds(arrivals, ({ incoming: one, values, emailKey }) => [keyOf(one), ...values.map(lockOf), ...emailKey]))
    await storeRound(tx, terms, round, { known, taken, created });
  return { taken: arrivals.flatMap((arrival) => taken.get(arrival) ?? []), created };
}

/** Sources of records: the configuration, and its CEL. */
export interface IntakeSources {
  readonly configuration: Configuration;
  readonly claims: Pick<ClaimMappings, 'userTypes'>;
}

/** Context of the intake of records: sources and rights in Tenure. */
export interface IntakeTerms extends IntakeSources {
  /** True: the person has rights in Tenure now. */
  readonly hasRights: (identityId: string) => Promise<boolean>;
}

/** A record with the data that are read from it alone. */
interface Arrival {
  readonly incoming: IncomingRecord;
  readonly source: SourceOrProvider;
  /** The kind of person that the source states. */
  readonly userType: UserType | Expression;
  readonly emailVerified: boolean;
  readonly emailTrusted: boolean;
  readonly values: readonly CorrelationValue[];
  /** Key by which another source may look for it, though its own does not. */
  readonly emailKey: readonly string[];
  /** Id of the identity, if the record creates one. */
  readonly newId: string;
  readonly base: string;
}

interface Intake {
  readonly known: Map<string, StoredRecord>;
  readonly taken: Map<Arrival, TakenRecord>;
  readonly created: Map<string, Person>;
}

function arrivalOf({ configuration, claims }: IntakeSources, incoming: IncomingRecord): Arrival {
  const source = settingsOfSource(configuration, incoming.source);
  const { email } = incoming.facts;
  const emailVerified = typeof email === 'string' && (incoming.emailVerified ?? 'authoritative' in source);
  const emailTrusted = emailVerified && trustsDomainOf(source, email);
  const newId = randomUUID();
  return {
    incoming,
    source,
    userType: userTypeStatedBy(claims, incoming.source),
    emailVerified,
    emailTrusted,
    values: correlationValues(source, incoming.facts, emailTrusted),
    emailKey: emailTrusted ? [lockOf({ by: 'email', value: email })] : [],
    newId,
    base: baseOfUserName(incoming.facts, newId),
  };
}

async function storeRound(tx: Transaction, terms: IntakeTerms, round: readonly Arrival[], intake: Intake): Promise<void> {
  const { configuration } = terms;
  const conflicts: [IncomingRecord, TakenRecord][] = [];
  const news = round.filter((arrival) => {
    const known = intake.known.get(keyOf(arrival.incoming));
    const answer = known === undefined ? null : answerOfKnown(arrival.incoming, known);
    if (answer?.outcome === 'conflict') conflicts.push([arrival.incoming, answer]);
    if (answer !== null) intake.taken.set(arrival, answer);
    return answer === null;
  });
  for (const [record, answer] of conflicts) await auditConflict(tx, record, answer);
  const look = await lookFor(
    tx,
    configuration,
    news.filter((arrival) => identityOf(arrival, intake.known) === null),
  );
  const [identities, records, questions, answered]: [StoredIdentity[], StoredRecord[], Question[], string[]] = [[], [], [], []];
  for (const arrival of news) {
    const found = await checkLink(tx, terms, arrival, find(tx, configuration, arrival, intake, look), look);
    if (found.kind === 'refused') {
      intake.taken.set(arrival, { outcome: 'refused', identityId: null, recordId: null, linkedBy: null, message: found.message });
      continue;
    }
    const before = intake.known.get(keyOf(arrival.incoming));
    const record = recordOf(arrival, before, found.kind === 'ambiguous' ? null : found.identityId, tx.context.now);
    records.push(record);
    intake.known.set(keyOf(record), record);
    if (found.kind === 'ambiguous') {
      questions.push({ record, found });
      intake.taken.set(arrival, ambiguous(record, found));
      continue;
    }
    if (found.created !== null) identities.push(found.created);
    // A person who was created in an earlier round and is written again has to be read like anybody else.
    if (found.created === null) intake.created.delete(found.identityId);
    else
      intake.created.set(found.identityId, {
        identity: found.created,
        records: [record],
        grants: [],
        accounts: [],
        operations: [],
        requested: [],
        exceptions: [],
        suspensions: [],
        sponsorship: null,
        applicationSessions: [],
      });
    const wasUnknown = before === undefined || before.identityId === null;
    if (before?.identityId === null) answered.push(`ambiguous-record/${record.id}`);
    const linkedBy = wasUnknown && found.created === null && arrival.incoming.boundTo == null ? found.by : null;
    const { names: kept } = keptClaims(arrival.incoming, before);
    const isRepeated = isRepeat(record, before);
    // A login is activity of the person, so that it is always decided about.
    if (isRepeated && !('protocol' in arrival.source)) {
      intake.taken.set(arrival, repeated(record));
      continue;
    }
    const taken = auditRecord(tx, record, found.identityId, { isNew: found.created !== null, linkedBy, isRepeated });
    intake.taken.set(arrival, kept.length === 0 ? taken : { ...taken, kept });
  }
  if (records.length > 0) await tx.records.save(identities, records);
  for (const question of questions) await ask(tx, question);
  if (answered.length > 0) for (const open of await tx.cases.openOfKeys(answered)) await closeCase(tx, open, 'the record was linked to an identity');
}

type Found =
  | { readonly kind: 'found'; readonly identityId: string; readonly by: string; readonly created: StoredIdentity | null }
  | Extract<Correlation, { kind: 'ambiguous' }>
  | { readonly kind: 'refused'; readonly message: string };

function find(tx: Transaction, configuration: Configuration, arrival: Arrival, { known }: Intake, look: Look): Found {
  const identityId = identityOf(arrival, known);
  if (identityId !== null) return { kind: 'found', identityId, by: 'record', created: null };
  const { source, incoming, userType, newId, base } = arrival;
  const correlation = correlate({ source: source.name, values: arrival.values }, look.candidatesOf);
  if (correlation.kind === 'ambiguous') return correlation;
  if (correlation.kind === 'found') return { ...correlation, created: null };
  if (!source.mayCreate) return { kind: 'refused', message: `no person matches, and source ${source.name} may not create people (mayCreate in tenure.yaml)` };
  const userName = chooseUserName(base, newId, look.taken);
  look.taken.add(userName);
  return { kind: 'found', identityId: newId, by: 'created', created: newIdentity(tx, configuration, newId, userName, userTypeFor(userType, incoming)) };
}

/** Checks a login before it is linked to the person whom a key finds: an objection makes it a case that needs a human decision. */
async function checkLink(tx: Transaction, terms: IntakeTerms, { source, incoming, values }: Arrival, found: Found, look: Look): Promise<Found> {
  if (!('protocol' in source)) return found;
  // For a provider, another record is another subject.
  const [candidate = ''] = found.kind === 'ambiguous' ? found.candidates : [];
  if (found.kind === 'ambiguous' && found.why === 'another-record')
    return { ...found, why: 'another-subject', change: await changeOfSubject(tx, source, candidate, incoming) };
  if (found.kind !== 'found' || found.created !== null || found.by === 'record') return found;
  const value = values.find(({ by }) => by === found.by);
  const person = value && look.candidatesOf(value).find(({ identityId }) => identityId === found.identityId);
  if (value === undefined || person === undefined) throw new Error('an identity that was found without a key');
  const objection = await objectionToLogin(tx, terms, { provider: source, login: incoming, person, value });
  return objection === null ? found : { kind: 'ambiguous', candidates: [found.identityId], by: found.by, ...objection };
}

/** People to whom values belong, and user names that are taken. */
export interface Look {
  candidatesOf(value: CorrelationValue): readonly KnownPerson[];
  /** User names; those that are given meanwhile are added. */
  readonly taken: Set<string>;
}

/** Reads everything by which the records of a round are looked up, at once. */
export async function lookFor(
  tx: Transaction,
  configuration: Configuration,
  strangers: readonly { readonly values: readonly CorrelationValue[]; readonly base: string }[],
): Promise<Look> {
  if (strangers.length === 0) return { candidatesOf: () => [], taken: new Set() };
  const groups = [
    ...Map.groupBy(
      strangers.flatMap(({ values }) => values),
      ({ kind, by }) => `${kind} ${by}`,
    ),
  ];
  const wanted = groups.flatMap(([, values]): Wanted[] => {
    const [first] = values;
    if (first === undefined) return [];
    const sources = first.kind === 'email' ? 'trusted' : sourcesKeyedBy(configuration, first.by);
    return [{ attribute: first.by, values: [...new Set(values.map(({ value }) => value))], sources }];
  });
  const { found, taken } = await tx.records.look(wanted, [...new Set(strangers.map(({ base }) => base))]);
  const candidates = new Map(found.flatMap((some) => [...some.values()].flat()).map((candidate) => [candidate.identityId, candidate]));
  const records = candidates.size === 0 ? [] : await tx.identities.recordsOfMany([...candidates.keys()]);
  const recordsOf = Map.groupBy(records, ({ identityId }) => identityId);
  const people = new Map([...candidates].map(([id, candidate]) => [id, knownPerson(configuration, candidate, recordsOf.get(id) ?? [], tx.context.now)]));
  const byGroup = new Map(groups.map(([group], index) => [group, found[index]]));
  const candidatesOf = ({ kind, by, value }: CorrelationValue): readonly KnownPerson[] =>
    (byGroup.get(`${kind} ${by}`)?.get(value) ?? []).flatMap(({ identityId }) => people.get(identityId) ?? []);
  return { candidatesOf, taken: new Set(taken) };
}

/** A newer version of a known record without new content, as it is to be stored; `null`: it has new content, or its version is known. */
export function repeatOf(sources: IntakeSources, incoming: IncomingRecord, known: StoredRecord | undefined, now: Instant): StoredRecord | null {
  if (known === undefined || answerOfKnown(incoming, known) !== null) return null;
  const record = recordOf(arrivalOf(sources, incoming), known, known.identityId, now);
  return isRepeat(record, known) ? record : null;
}

/** Answer to a newer version with the content that is in force. */
export function repeated({ id: recordId, identityId }: StoredRecord): TakenRecord {
  return { outcome: 'unchanged', identityId, recordId, linkedBy: null, message: 'a newer version with the same content', isNewerVersion: true };
}

function identityOf({ incoming }: Arrival, known: ReadonlyMap<string, StoredRecord>): string | null {
  return known.get(keyOf(incoming))?.identityId ?? incoming.boundTo ?? null;
}

function keyOf({ source, externalId }: Pick<StoredRecord, 'source' | 'externalId'>): string {
  return `record\n${source}\n${externalId}`;
}

function lockOf({ by, value }: Pick<CorrelationValue, 'by' | 'value'>): string {
  return `${by}\n${value.toLowerCase()}`;
}

/** New identity of a person of whom nothing has been decided yet. */
export function newIdentity(tx: Transaction, configuration: Configuration, id: string, userName: string, userType: StoredIdentity['userType']): StoredIdentity {
  return {
    id,
    userName,
    userType,
    attributes: {},
    groups: {},
    relationships: [],
    timeZone: configuration.timeZone,
    createdAt: tx.context.now,
    state: 'active',
    lifecycle: null,
    activations: {},
    endings: {},
    idleSince: null,
    lastActivityAt: null,
    reportedActivity: [],
    questions: [],
    policyVersion: null,
    nextWakeUp: null,
    decidedAt: null,
    revision: 0,
  };
}

/** Audits a record, and returns the answer for its sender. */
function auditRecord(
  tx: Transaction,
  record: StoredRecord,
  identityId: string,
  { isNew, linkedBy, isRepeated }: { readonly isNew: boolean; readonly linkedBy: string | null; readonly isRepeated: boolean },
): TakenRecord {
  const { id: recordId, source } = record;
  const taken: AuditEntry = {
    action: 'record.taken',
    subjectKind: 'record',
    subjectId: recordId,
    identityId,
    reason: { source, version: record.version, status: record.status, endedAt: record.endedAt, endedOn: record.endedOn ?? null },
    personal: { externalId: record.externalId, facts: record.facts, groups: record.groups },
  };
  if (!isRepeated) tx.audit.record(taken);
  if (isNew) tx.audit.record({ action: 'identity.created', subjectKind: 'identity', subjectId: identityId, identityId, reason: { source, recordId } });
  if (linkedBy !== null) tx.audit.record({ action: 'record.linked', subjectKind: 'record', subjectId: recordId, identityId, reason: { source, by: linkedBy } });
  const message = isNew ? 'a new identity' : linkedBy ? `linked to a known identity by ${linkedBy}` : 'recorded';
  return { outcome: isNew ? 'created' : 'updated', identityId, recordId, linkedBy, message };
}

interface Question {
  readonly record: StoredRecord;
  readonly found: Extract<Correlation, { kind: 'ambiguous' }>;
}

/** Reasons of an ambiguous record, as its sender reads them. */
const WHY: Readonly<Record<WhyAmbiguous, string>> = {
  several: 'several people match',
  ended: 'a person matches who has left, or whose record with this key has ended',
  contradicted: 'a person matches who has another permanent key',
  'another-record': 'a person matches who has another active record of this source',
  'another-subject': 'a person matches who logs in with another subject of this provider',
  'not-vouched': 'a person matches, but no authoritative source states that key now (linkTo)',
  privileged: 'a person matches who has rights in Tenure (mayLink)',
  bound: 'a person matches who logs in through another provider (mayLink)',
};

function ambiguous(record: StoredRecord, { by, why }: Question['found']): TakenRecord {
  const message = `${WHY[why]}, by ${by}: a case waits for a human decision`;
  return { outcome: 'ambiguous', identityId: null, recordId: record.id, linkedBy: null, message, why };
}

async function ask(tx: Transaction, { record, found }: Question): Promise<void> {
  await openCase(tx, {
    kind: 'ambiguous-record',
    key: `ambiguous-record/${record.id}`,
    identityId: null,
    target: null,
    operationId: null,
    evidence: {
      recordId: record.id,
      source: record.source,
      by: found.by,
      why: found.why,
      candidates: found.candidates,
      ...(found.change === undefined ? {} : { change: found.change }),
    },
  });
}
