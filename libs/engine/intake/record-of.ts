import { randomUUID } from 'node:crypto';
import { type Expression, type Facts, type Instant, reportedEnd, type SaidRecord, type UserType } from '@tenure/domain';
import type { StoredRecord } from '@tenure/store';
import { keptClaims } from './kept-claims.ts';
import { contentOf } from './known-record.ts';
import { userTypeFor } from './user-type-for.ts';
import type { IncomingRecord } from './incoming-record.ts';

/** A record as it arrives, with what its source may state. */
export interface ArrivedRecord {
  readonly incoming: IncomingRecord;
  /** The kind of person that its source states. */
  readonly userType: UserType | Expression;
  readonly emailVerified: boolean;
  readonly emailTrusted: boolean;
}

/**
 * Record as it is stored. The last status stays until another one is stated. A record of somebody who has ended keeps the facts that it leaves out,
 * its end as well; a login keeps those that it leaves out, where its provider's entry says so.
 * @param known as it was stored before
 */
export function recordOf(arrived: ArrivedRecord, known: StoredRecord | undefined, identityId: string | null, now: Instant): StoredRecord {
  const { incoming, userType } = arrived;
  const hasVanished = incoming.hasVanished === true;
  const before = known === undefined ? null : lastOf(known, hasVanished);
  const status = incoming.status ?? before?.status ?? null;
  const kept = keptClaims(incoming, known);
  const facts: Facts = status === 'ended' ? { ...before?.facts, ...incoming.facts } : { ...kept.facts, ...incoming.facts };
  const isEmailKept = before !== null && !Object.hasOwn(incoming.facts, 'email') && Object.hasOwn(facts, 'email');
  return {
    id: known?.id ?? randomUUID(),
    identityId,
    source: incoming.source,
    externalId: incoming.externalId,
    version: incoming.version,
    facts,
    groups: incoming.groups ?? kept.groups,
    emailTrusted: isEmailKept ? (known?.emailTrusted ?? false) : arrived.emailTrusted,
    emailVerified: isEmailKept ? (known?.emailVerified ?? null) : arrived.emailVerified,
    status,
    ...endOf(incoming, status, before, now),
    userType: userTypeFor(userType, { ...incoming, facts }, kept.userType),
    recordedAt: now,
    vanishedAt: hasVanished ? now : null,
    said: hasVanished ? saidBefore(incoming, known) : null,
    withdrawnAt: null,
  };
}

/** Content that the source itself sent before a complete import no longer named the person. */
function saidBefore({ vanishedFrom }: IncomingRecord, known: StoredRecord | undefined): SaidRecord | null {
  if (vanishedFrom === undefined) return known === undefined ? null : (known.said ?? contentOf(known));
  const { version, facts, status, endedAt, endedOn = null } = vanishedFrom;
  return { version, facts, status: status ?? known?.status ?? null, endedAt, endedOn };
}

type Last = Pick<StoredRecord, 'facts' | 'status' | 'endedAt' | 'endedOn'>;

/** Last content of the record: the source's own where the record only ended because an import no longer named it, or was withdrawn. */
function lastOf(known: StoredRecord, hasVanished: boolean): Last {
  const { said = null, vanishedAt = null, withdrawnAt = null } = known;
  return said !== null && !hasVanished && (vanishedAt !== null || withdrawnAt !== null) ? said : known;
}

function endOf(
  { status: said, endedAt, endedOn = null }: IncomingRecord,
  status: StoredRecord['status'],
  before: Last | null,
  now: Instant,
): Pick<StoredRecord, 'endedAt' | 'endedOn'> {
  if (status !== 'ended') return { endedAt: null, endedOn: null };
  if (endedOn !== null) return { endedAt: null, endedOn };
  if (endedAt !== null) return { endedAt, endedOn: null };
  const kept = before?.status === 'ended' ? { endedAt: before.endedAt, endedOn: before.endedOn ?? null } : null;
  // A repeated end keeps the date of the first one, or becomes now where that lies ahead.
  const isKept = kept !== null && (said === null || reportedEnd({ ...kept, recordedAt: now }, 'UTC') <= now);
  return isKept ? kept : { endedAt: now, endedOn: null };
}
