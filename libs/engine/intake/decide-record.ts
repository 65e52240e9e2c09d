import { randomUUID } from 'node:crypto';
import { CaseClosed, Forbidden, InputInvalid, NotFound } from '@tenure/domain';
import type { ProviderSettings } from '@tenure/config';
import type { StoredIdentity, StoredRecord, Transaction } from '@tenure/store';
import { baseOfUserName, chooseUserName } from './choose-user-name.ts';
import { type Correlation, correlate } from './correlate.ts';
import { correlationValues } from './correlation-value.ts';
import { hasRightsInTenure } from '../callers/has-rights-in-tenure.ts';
import { endBindings } from '../login/end-bindings.ts';
import { objectionToLogin } from '../login/may-link-login.ts';
import type { Engine } from '../decide/engine.ts';
import { settingsOfSource } from './settings-of-source.ts';
import { lookFor, newIdentity } from './store-records.ts';
import { wake } from '../decide/wake.ts';
import { decideIdentity } from '../decide/decide-identities.ts';

/** Decision about a record that matches several people, or somebody who has left. */
export interface RecordDecision {
  readonly recordId: string;
  /** Version of the record that was shown to the person who decides. */
  readonly version: string;
  /** Id of one of the candidates; `null`: a new person. */
  readonly identityId: string | null;
  readonly reason: string;
  readonly by: { readonly id: string; readonly isAdmin: boolean };
  /** True, for a login: ends other logins of the person at this provider, which this one replaces. */
  readonly rebind?: boolean;
}

/**
 * Decides to whom a record belongs, and decides about the person again. Guards against impersonation: the decision is about the record as it was
 * shown, only people whom it matches now by the configured keys are candidates, nobody decides that a record is their own, and only an administrator
 * decides for a person with rights in Tenure, or about a login that may not link by itself.
 * @returns id of the identity to which it belongs now
 * @throws NotFound, CaseClosed, InputInvalid, Forbidden
 */
export async function decideRecord(tx: Transaction, engine: Engine, decision: RecordDecision): Promise<string> {
  const { recordId, version, identityId, reason, by } = decision;
  const known = await tx.records.get(recordId);
  const [record] = known === null ? [] : await tx.records.lock([known]);
  if (record === undefined) throw new NotFound(`there is no record ${recordId}`, { recordId });
  if (record.identityId !== null) throw new CaseClosed('The record belongs to a person by now: there is nothing to decide.', { recordId });
  if (record.version !== version)
    throw new InputInvalid('version: the record has changed since it was read; read it again', { recordId, version: record.version });
  const person = identityId === null ? await somebodyNew(tx, engine, record) : await oneOfThose(tx, engine, record, identityId, decision);
  await tx.records.save(identityId === null ? [person] : [], [{ ...record, identityId: person.id }]);
  const told = { identityId: person.id, personal: { reason } };
  if (identityId === null)
    tx.audit.record({ action: 'identity.created', subjectKind: 'identity', subjectId: person.id, reason: { source: record.source, recordId }, ...told });
  else tx.audit.record({ action: 'record.linked', subjectKind: 'record', subjectId: recordId, reason: { source: record.source, by: 'decision' }, ...told });
  // The content was not audited before, since it belonged to nobody.
  const { source, version: of, status, endedAt, endedOn = null, externalId, facts, groups } = record;
  tx.audit.record({
    action: 'record.taken',
    subjectKind: 'record',
    subjectId: recordId,
    identityId: person.id,
    reason: { source, version: of, status, endedAt, endedOn },
    personal: { externalId, facts, groups },
  });
  const isLogin = 'protocol' in settingsOfSource(engine.configuration, record.source);
  if (isLogin && identityId !== null && by.isAdmin) await confirm(tx, record, identityId, decision);
  const { stage } = await decideIdentity(tx, engine, person.id, 'decision');
  await wake(tx, person.id, 'decision', stage === 'leaving');
  return person.id;
}

/** Confirms a login by an administrator's decision: it may act with the person's rights, also those that they are given later. */
async function confirm(
  tx: Transaction,
  { id: recordId, source: provider }: StoredRecord,
  identityId: string,
  { reason, rebind }: RecordDecision,
): Promise<void> {
  const { actor, now } = tx.context;
  if (rebind === true) await endBindings(tx, { identityId, provider, keep: recordId, why: 'rebound', reason });
  await tx.logins.confirm({ recordId, identityId, provider }, `${actor.kind} ${actor.id}`, now);
}

async function oneOfThose(
  tx: Transaction,
  engine: Engine,
  record: StoredRecord,
  identityId: string,
  { by, rebind = false }: RecordDecision,
): Promise<StoredIdentity> {
  const source = settingsOfSource(engine.configuration, record.source);
  const found = await correlateNow(tx, engine, record);
  const candidates = found.kind === 'ambiguous' ? found.candidates : found.kind === 'found' ? [found.identityId] : [];
  if (!candidates.includes(identityId)) throw new InputInvalid('identityId: no correlation key matches the record to this person', { identityId });
  if (identityId === by.id) throw new Forbidden('You cannot link a record to yourself.');
  const person = await tx.identities.lock(identityId);
  if (person === null) throw new NotFound(`there is no identity ${identityId}`, { identityId });
  if (!by.isAdmin && (await hasRightsInTenure(tx, engine, identityId)))
    throw new Forbidden('Only an administrator can link a record to a person with rights in Tenure.', { identityId });
  if (!('protocol' in source)) {
    if (rebind) throw new InputInvalid('caseId: the record is not of a login; use decideRecord', { source: source.name });
    return person;
  }
  if (!by.isAdmin && (rebind || !(await mayLinkByItself(tx, engine, source, record, identityId))))
    throw new Forbidden('Only an administrator can link this login to this person.', { identityId });
  if (!rebind && (await tx.identities.subjectsOf(identityId)).some(({ provider }) => provider === record.source))
    throw new InputInvalid('identityId: another subject of this provider is bound to this person; use rebindLogin, which ends that binding', {
      identityId,
      provider: record.source,
    });
  return person;
}

/** True: a correlation key matches the record to this person, and nothing objects to linking the login. */
async function mayLinkByItself(tx: Transaction, engine: Engine, provider: ProviderSettings, record: StoredRecord, identityId: string): Promise<boolean> {
  const { configuration } = engine;
  const values = correlationValues(provider, record.facts, record.emailTrusted);
  const { candidatesOf } = await lookFor(tx, configuration, [{ values, base: '' }]);
  const terms = { configuration, hasRights: (id: string) => hasRightsInTenure(tx, engine, id) };
  for (const value of values) {
    const person = candidatesOf(value).find((one) => one.identityId === identityId);
    if (person !== undefined && (await objectionToLogin(tx, terms, { provider, login: record, person, value })) === null) return true;
  }
  return false;
}

async function correlateNow(tx: Transaction, { configuration }: Engine, { source: name, facts, emailTrusted }: StoredRecord): Promise<Correlation> {
  const values = correlationValues(settingsOfSource(configuration, name), facts, emailTrusted);
  return correlate({ source: name, values }, (await lookFor(tx, configuration, [{ values, base: '' }])).candidatesOf);
}

async function somebodyNew(tx: Transaction, engine: Engine, record: StoredRecord): Promise<StoredIdentity> {
  const { configuration } = engine;
  const source = settingsOfSource(configuration, record.source);
  const found = await correlateNow(tx, engine, record);
  // Another record has arrived meanwhile, with the same key for life: one person must not get two identities.
  if (found.kind === 'found' && found.forLife)
    throw new InputInvalid(`newPerson: ${found.by} now matches the record to a person; read the case again`, { identityId: found.identityId });
  if (!source.mayCreate) throw new InputInvalid(`newPerson: source ${source.name} may not create people (mayCreate in tenure.yaml)`, { source: source.name });
  const id = randomUUID();
  const base = baseOfUserName(record.facts, id);
  await tx.records.lockKeys([`userName\n${base}`]);
  const { taken } = await lookFor(tx, configuration, [{ values: [], base }]);
  return newIdentity(tx, configuration, id, chooseUserName(base, id, taken), record.userType ?? 'contractor');
}
