import { randomUUID } from 'node:crypto';
import type { Configuration } from '@tenure/config';
import { claimText, type Facts, type Instant, type UserType } from '@tenure/domain';
import type { StoredIdentity, StoredRecord, Transaction, Trigger } from '@tenure/store';
import { openCase } from './cases.ts';
import { chooseUserName } from './choose-user-name.ts';
import { type Correlation, correlate } from './correlate.ts';
import { settingsOfSource, type SourceOrProvider, trustsDomainOf } from './settings-of-source.ts';

/** What one source says of one person, as it arrives. */
export interface IncomingRecord {
  readonly source: string;
  readonly externalId: string;
  /** The source's own counter, digits only: an older one than we have is left aside. */
  readonly version: string;
  readonly facts: Facts;
  readonly groups?: readonly string[] | null;
  readonly status: 'active' | 'ended' | null;
  readonly endedAt: Instant | null;
  /** Whether the source says that the e-mail is verified; counts only where it is trusted for the domain. HR's word needs no check. */
  readonly emailVerified?: boolean;
  /** For the user type, where the configuration takes it from claims. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** The identity that a login's issuer and subject are bound to. */
  readonly boundTo?: string | null;
}

export interface TakenRecord {
  readonly outcome: 'created' | 'updated' | 'unchanged' | 'stale' | 'ambiguous' | 'refused';
  readonly identityId: string | null;
  readonly recordId: string | null;
  /** By which key an existing identity was found for a new record; `null` otherwise. */
  readonly linkedBy: string | null;
  /** A sentence without personal data. */
  readonly message: string;
}

/** Correlates, creates where the source may, and stores. Deciding what follows is `decide`'s. */
export async function storeRecord(tx: Transaction, configuration: Configuration, incoming: IncomingRecord): Promise<TakenRecord> {
  const source = settingsOfSource(configuration, incoming.source);
  const known = await tx.identities.lockRecord(incoming.source, incoming.externalId);
  if (known !== null && known.identityId !== null) {
    const order = compareVersions(incoming.version, known.version);
    if (order === 0) return answer('unchanged', known, 'this version is recorded already');
    if (order < 0) return answer('stale', known, `version ${known.version} is recorded already, which is newer`);
  }
  const email = incoming.facts['email'];
  const emailTrusted = typeof email === 'string' && (incoming.emailVerified ?? 'authoritative' in source) && trustsDomainOf(source, email);
  const { found, created } = await findOrCreate(tx, configuration, source, incoming, known, emailTrusted);
  if (found.kind === 'refused') return { outcome: 'refused', identityId: null, recordId: null, linkedBy: null, message: found.message };

  const record: StoredRecord = {
    id: known?.id ?? randomUUID(),
    identityId: found.kind === 'found' ? found.identityId : null,
    source: incoming.source,
    externalId: incoming.externalId,
    version: incoming.version,
    // A login that says nothing of groups leaves what it said before.
    facts: incoming.facts,
    groups: incoming.groups ?? known?.groups ?? null,
    emailTrusted,
    status: incoming.status,
    endedAt: incoming.status === 'ended' ? (incoming.endedAt ?? tx.context.now) : null,
    userType: userTypeFor(source, incoming),
    recordedAt: tx.context.now,
  };
  await tx.identities.saveRecord(record);
  if (found.kind === 'ambiguous') return ambiguous(tx, record, found);

  const outcome = created ? 'created' : 'updated';
  const linkedBy = known === null && !created && incoming.boundTo == null ? found.by : null;
  tx.audit.record(
    ...(created
      ? [
          {
            action: 'identity.created',
            subjectKind: 'identity',
            subjectId: found.identityId,
            identityId: found.identityId,
            reason: { source: record.source, recordId: record.id },
          },
        ]
      : []),
    ...(linkedBy === null
      ? []
      : [
          {
            action: 'record.linked',
            subjectKind: 'record',
            subjectId: record.id,
            identityId: found.identityId,
            reason: { source: record.source, by: linkedBy },
          },
        ]),
    {
      action: 'record.taken',
      subjectKind: 'record',
      subjectId: record.id,
      identityId: found.identityId,
      reason: { source: record.source, version: record.version, status: record.status, endedAt: record.endedAt },
      personal: { externalId: record.externalId, facts: record.facts, groups: record.groups },
    },
  );
  return {
    outcome,
    identityId: found.identityId,
    recordId: record.id,
    linkedBy,
    message: created ? 'a new identity' : linkedBy ? `linked to a known identity by ${linkedBy}` : 'recorded',
  };
}

/** Tells Temporal, once this transaction commits, that a life has something to do. */
export async function wake(tx: Transaction, identityId: string, trigger: Trigger, urgent = false): Promise<void> {
  await tx.outbox.add({ identityId, trigger, urgent, correlationId: tx.context.correlationId, createdAt: tx.context.now });
}

type Found = Extract<Correlation, { kind: 'found' | 'ambiguous' }> | { readonly kind: 'refused'; readonly message: string };

async function findOrCreate(
  tx: Transaction,
  configuration: Configuration,
  source: SourceOrProvider,
  incoming: IncomingRecord,
  known: StoredRecord | null,
  emailTrusted: boolean,
): Promise<{ found: Found; created: boolean }> {
  const identityId = known?.identityId ?? incoming.boundTo ?? null;
  if (identityId !== null) return { found: { kind: 'found', identityId, by: 'record' }, created: false };
  const correlation = await correlate(tx, configuration, source, incoming.facts, emailTrusted);
  if (correlation.kind !== 'none') return { found: correlation, created: false };
  if (!source.mayCreate)
    return {
      found: { kind: 'refused', message: `nobody known matches, and source ${source.name} may not create people (mayCreate in tenure.yaml)` },
      created: false,
    };
  const identity = await createIdentity(tx, configuration, source, incoming);
  return { found: { kind: 'found', identityId: identity.id, by: 'created' }, created: true };
}

async function createIdentity(tx: Transaction, configuration: Configuration, source: SourceOrProvider, incoming: IncomingRecord): Promise<StoredIdentity> {
  const id = randomUUID();
  const identity: StoredIdentity = {
    id,
    userName: await chooseUserName(tx, incoming.facts, id),
    userType: userTypeFor(source, incoming),
    attributes: {},
    groups: {},
    relationships: [],
    timeZone: configuration.timeZone,
    createdAt: tx.context.now,
    state: 'active',
    lifecycle: null,
    activations: {},
    endings: {},
    questions: [],
    policyVersion: null,
    nextWakeUp: null,
    decidedAt: null,
    revision: 0,
  };
  await tx.identities.insert(identity);
  return identity;
}

/** What a source says of the kind of person; a contractor where an expression yields nothing valid: the kind with the fewest rights. */
export function userTypeFor(source: SourceOrProvider, incoming: Pick<IncomingRecord, 'claims' | 'facts'>): UserType {
  if (typeof source.userType === 'string') return source.userType;
  const said = claimText(source.userType.cel, incoming.claims ?? incoming.facts);
  return said === 'employee' || said === 'partner' ? said : 'contractor';
}

async function ambiguous(tx: Transaction, record: StoredRecord, found: Extract<Correlation, { kind: 'ambiguous' }>): Promise<TakenRecord> {
  await openCase(tx, {
    kind: 'ambiguous-record',
    key: `ambiguous-record/${record.id}`,
    identityId: null,
    target: null,
    operationId: null,
    evidence: { recordId: record.id, source: record.source, by: found.by, candidates: found.candidates },
  });
  return {
    outcome: 'ambiguous',
    identityId: null,
    recordId: record.id,
    linkedBy: null,
    message:
      found.candidates.length === 1
        ? `somebody whose life has ended matches by ${found.by}: a case is open for a person to decide`
        : `${found.candidates.length} identities match by ${found.by}: a case is open for a person to decide`,
  };
}

function answer(outcome: 'unchanged' | 'stale', record: StoredRecord, message: string): TakenRecord {
  return { outcome, identityId: record.identityId, recordId: record.id, linkedBy: null, message };
}

function compareVersions(a: string, b: string): number {
  const [x, y] = [BigInt(a), BigInt(b)];
  return x < y ? -1 : x > y ? 1 : 0;
}
