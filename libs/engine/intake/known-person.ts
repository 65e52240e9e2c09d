import type { Configuration } from '@tenure/config';
import { isCalledOff, mergeFacts, type Relationship, reportedEnd, type Instant } from '@tenure/domain';
import type { Candidate, StoredRecord } from '@tenure/store';
import { type CorrelationValue, isSameKey } from './correlation-value.ts';
import { authoritativeSources, sourcesKeyedBy, sourcesKeyedForLife } from './settings-of-source.ts';

/** A person whom a key finds, with the present records of sources: those stored a moment ago have not been decided about yet. */
export interface KnownPerson {
  readonly identityId: string;
  /** True: all their relationships have ended or were called off; where none is known: their identity lifecycle has ended. */
  readonly isOver: boolean;
  /** Records of them that continue. */
  readonly living: readonly StoredRecord[];
  /** True: a source that never reassigns this key states this value for them. */
  hasForLife(value: CorrelationValue): boolean;
  /** True: sources that never reassign this key state another value for them, and none states this one. */
  hasAnotherForLife(value: CorrelationValue): boolean;
  /** True: a record of them that has not ended states this value, and `isOver` is false. */
  hasNow(value: CorrelationValue): boolean;
}

export function knownPerson(configuration: Configuration, { identityId, state, next }: Candidate, records: readonly StoredRecord[], now: Instant): KnownPerson {
  const { precedence, timeZone } = configuration;
  const authoritative = authoritativeSources(configuration);
  const about = { id: identityId, userName: '', userType: 'employee' as const, createdAt: now };
  const { relationships } = mergeFacts({ ...about, records, precedence, authoritative, now, timeZone });
  const standing = records.filter(({ withdrawnAt = null }) => withdrawnAt === null);
  const living = standing.filter((record) => goesOn(record, relationships, timeZone, now));
  const isOver = relationships.length > 0 ? relationships.every((one) => isPast(one, now)) : hasEnded(state, next, now);
  const says = (some: readonly StoredRecord[], sources: readonly string[], { by, value }: CorrelationValue): boolean =>
    some.some((record) => sources.includes(record.source) && isSameKey(record.facts[by], value));
  return {
    identityId,
    isOver,
    living,
    hasForLife: (value) => says(standing, sourcesKeyedForLife(configuration, value.by), value),
    hasAnotherForLife(value) {
      const sources = sourcesKeyedForLife(configuration, value.by);
      const said = standing.filter((record) => sources.includes(record.source) && typeof record.facts[value.by] === 'string');
      return said.length > 0 && !says(said, sources, value);
    },
    hasNow(value) {
      const having = value.kind === 'email' ? living.filter(({ emailTrusted }) => emailTrusted) : living;
      const sources = value.kind === 'email' ? having.map(({ source }) => source) : sourcesKeyedBy(configuration, value.by);
      return !isOver && says(having, sources, value);
    },
  };
}

/** True if a record continues: one without a relationship does so until it is ended. */
function goesOn(record: StoredRecord, relationships: readonly Relationship[], timeZone: string, now: Instant): boolean {
  const own = relationships.find(({ recordId }) => recordId === record.id);
  return own === undefined ? record.status !== 'ended' || reportedEnd(record, timeZone) > now : !isPast(own, now);
}

function isPast(relationship: Relationship, now: Instant): boolean {
  return isCalledOff(relationship) || (relationship.end !== null && relationship.end.at <= now);
}

/** True: the identity lifecycle has ended, according to the last decision and its next planned state. */
export function hasEnded(state: Candidate['state'], next: Candidate['next'], now: Instant): boolean {
  // The end may have come before its timer.
  const current = next !== null && next.at <= now ? next.state : state;
  return current !== 'active' && current !== 'pre-hire' && current !== 'suspended';
}
