import { randomUUID } from 'node:crypto';
import {
  checkFacts,
  ContractEnded,
  type ContractEnding,
  contractEnding,
  decideAccess,
  EXTENSION_SOURCE,
  type ExtendedEnd,
  Forbidden,
  type Identity,
  InputInvalid,
  type Instant,
  instantOf,
  NotExtendable,
} from '@tenure/domain';
import type { StoredRecord, Transaction } from '@tenure/store';
import { mayAnswer } from '../approvers/answerer-of.ts';
import type { Engine } from '../decide/engine.ts';
import { questionAbout } from '../requests/question-about.ts';
import { standsInFor } from '../approvers/stands-in-for.ts';
import { wake } from '../decide/wake.ts';
import { decideIdentity } from '../decide/decide-identities.ts';

export interface WantedExtension {
  readonly identityId: string;
  /** The last day, or the instant, as the attribute `endDate` has it. */
  readonly until: string;
  /** May name people: it is kept with the person's key. */
  readonly reason: string;
  /** Person who decides; operators may instead of the sponsor. */
  readonly by: { readonly id: string; readonly isOperator: boolean };
}

/** Result of extending a contract. */
export interface Extension {
  readonly identityId: string;
  readonly outcome: 'extended' | 'unchanged';
  readonly endsAt: Instant;
}

/**
 * Extends the end of a person's contract, or reduces an extension as far as the source's own end. It is stored beside the facts, and the person is
 * decided again.
 * @throws Forbidden for everybody but the sponsor, who owns the case, and operators, and for the person; ContractEnded; NotExtendable; InputInvalid
 */
export async function extendContract(tx: Transaction, engine: Engine, { identityId, until, reason, by }: WantedExtension): Promise<Extension> {
  const isTheirs = by.isOperator || (await isSponsor(tx, identityId, by.id)) || (await mayAnswer(tx, `contract-ending/${identityId}`, by.id));
  // The same message whether or not there is such a person.
  if (!isTheirs || by.id === identityId) throw new Forbidden('You may not extend this contract: you are not the sponsor of the person.');
  const question = await questionAbout(tx, engine, identityId);
  const { policy, now } = question;
  const decision = decideAccess(question);
  const { identity, lifecycle } = decision;
  const ending = contractEnding({ identity, lifecycle, policy, now });
  if (ending === null) {
    if (lifecycle.state === 'leaving' || lifecycle.state === 'left')
      throw new ContractEnded('The contract has ended and can no longer be extended.', { identityId });
    throw new NotExtendable('The policy does not allow an extension of this contract, or its end is not known.', { identityId });
  }
  const source = (question.records as readonly StoredRecord[]).find(({ id }) => id === ending.recordId);
  const said = source?.facts['endDate'];
  if (source === undefined || typeof said !== 'string')
    throw new NotExtendable('The policy does not allow an extension of this contract, or its end is not known.', { identityId });
  const end = checkedEnd(engine, until);
  const endsAt = instantWithin(identity, ending, { end, said, now });
  const outcome = endsAt === ending.endsAt ? 'unchanged' : 'extended';
  if (outcome === 'extended') {
    const extension = await say(tx, identityId, { recordId: source.id, endDate: said }, end);
    tx.audit.record({
      action: 'identity.contractExtended',
      subjectKind: 'identity',
      subjectId: identityId,
      identityId,
      reason: { recordId: extension.id, extends: source.id, from: ending.endsAt, to: endsAt, rule: ending.rule, policyVersion: policy.version },
      personal: { reason },
    });
    if ((await decideIdentity(tx, engine, identityId, 'decision')).changed) await wake(tx, identityId, 'decision');
  }
  return { identityId, outcome, endsAt };
}

/** True for the sponsor, or a deputy: never by a delegation of the contractor. */
async function isSponsor(tx: Transaction, identityId: string, by: string): Promise<boolean> {
  const sponsorId = (await tx.sponsorships.of(identityId))?.sponsorId ?? null;
  if (sponsorId === null) return false;
  return sponsorId === by || (await standsInFor(tx, by, tx.context.now, identityId)).some(({ id }) => id === sponsorId);
}

/** End in the attribute's type. @throws InputInvalid */
function checkedEnd({ configuration }: Engine, until: string): string {
  const { facts, problems } = checkFacts({ endDate: until }, configuration.attributes);
  const end = facts['endDate'];
  if (typeof end !== 'string') throw new InputInvalid(`until: ${problems[0]?.message ?? 'must be a day or an instant'}`);
  return end;
}

/** @throws InputInvalid when it has passed, is before the source's own end, or later than the policy allows */
function instantWithin(
  { timeZone }: Identity,
  { endsAt, latest }: ContractEnding,
  { end, said, now }: { readonly end: string; readonly said: string; readonly now: Instant },
): Instant {
  const at = instantOf(end, 'end', timeZone);
  if (at === null || at <= now) throw new InputInvalid('until must be in the future');
  if (at < (instantOf(said, 'end', timeZone) ?? at)) throw new InputInvalid('until must not be before the end that the source states');
  // An extension from before a policy allowed less remains, but is not extended.
  if (at > latest && at !== endsAt) throw new InputInvalid('until is later than the policy allows', { latest });
  return at;
}

/** Records the extension of one record; its earlier end is in the audit. */
async function say(tx: Transaction, identityId: string, of: ExtendedEnd, until: string): Promise<StoredRecord> {
  const [known] = await tx.records.lock([{ source: EXTENSION_SOURCE, externalId: of.recordId }]);
  const record: StoredRecord = {
    id: known?.id ?? randomUUID(),
    identityId,
    source: EXTENSION_SOURCE,
    externalId: of.recordId,
    version: String(BigInt(known?.version ?? '0') + 1n),
    facts: { endDate: until },
    groups: null,
    emailTrusted: false,
    status: null,
    endedAt: null,
    userType: null,
    extends: of,
    recordedAt: tx.context.now,
  };
  await tx.records.save([], [record]);
  return record;
}
