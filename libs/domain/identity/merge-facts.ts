import { begunBefore, type LastRelationships, settleContradiction } from './contradiction.ts';
import { instantOf, isTimeZone } from '../time/dates.ts';
import { type ExtendableRecord, withExtensions } from '../lifecycle/extensions.ts';
import {
  type Attribute,
  EXTENSION_SOURCE,
  type Identity,
  type Instant,
  type Precedence,
  type Relationship,
  type RelationshipBound,
  type SourceRecord,
  type UserType,
} from './facts.ts';
import { rankRecords } from './rank-records.ts';
import { isCalledOff } from './relationship.ts';
import { coversDay, cutShort, dateBound, relationshipsOf, zoneOf } from './relationships-of.ts';
import { withStatedFacts } from './stated-facts.ts';
import { terminationOf } from '../lifecycle/termination.ts';

/** Input of a merge: all records of one person, in any order. */
export interface MergeInput {
  readonly id: string;
  readonly userName: string;
  /** Default if no source states one, or no authoritative one for a person whose relationships are known. */
  readonly userType: UserType;
  readonly createdAt: Instant;
  readonly records: readonly SourceRecord[];
  readonly precedence: Precedence;
  /** Names of the sources whose `active` and `ended` decide about the relationship. */
  readonly authoritative: readonly string[];
  /** Time that determines the present relationship. */
  readonly now: Instant;
  /** IANA name of the zone of people without their own `timeZone`. */
  readonly timeZone: string;
  /** Sources whose records are logins: of two the later one counts. */
  readonly logins?: readonly string[];
  /** Relationships as of the last decision; absent: there was none. */
  readonly memory?: LastRelationships;
}

/** Attributes of one relationship, which do not apply to another one. */
const OF_A_RELATIONSHIP = ['startDate', 'endDate', 'leaveStart', 'leaveEnd', 'primary', 'timeZone'];

/**
 * Merges the records of all sources into one identity. Facts of the present relationship take precedence over those of past and future
 * ones; then per attribute the first source in its precedence that states it wins, with a value or none. Sources that are not listed come
 * last, or are ignored if the order is exclusive. A fact that a source may not state counts as not stated. Records of equal rank count in
 * the order of `rankRecords`, independent of when they arrived. A last day ends in the person's time zone as merged from all facts,
 * whichever source states the day. An extended end counts for as long as its record states the original end. An end that an operator
 * states limits every relationship until it is withdrawn. A withdrawn record states only that it has ended.
 */
export function mergeFacts(input: MergeInput): Identity {
  const { id, userName, createdAt, logins = [], authoritative, timeZone: usual } = input;
  const stated = input.records.map((record) => withStatedFacts(record, input.precedence));
  const all = rankRecords(withExtensions(stated), { logins, authoritative, timeZone: usual });
  const holding = all.filter(({ withdrawnAt = null }) => withdrawnAt === null);
  const speaking = holding.length > 0 ? holding : all;
  const deciding = all.filter((record) => record.status !== null && authoritative.includes(record.source));
  const relationships = readRelationships(deciding, speaking, input);
  const { aside, speaker, at, termination } = presentOf(speaking, relationships, input);
  const names = [...new Set(speaking.flatMap(({ facts }) => Object.keys(facts)))].sort();
  const attributes = Object.fromEntries(
    names.flatMap((name): [string, Attribute][] => {
      const attribute = said(name, speaker(name));
      return attribute === null ? [] : [[name, attribute]];
    }),
  );
  const timeZone = zone(attributes['timeZone']?.value) ?? usual;
  return {
    id,
    userName,
    userType: (deciding.length > 0 ? sayingType(relationships, { aside, at }, input) : assertingType(speaking, input))?.userType ?? input.userType,
    createdAt,
    attributes,
    groups: mergeGroups(speaking),
    relationships: cutShort(deciding.length > 0 ? [...relationships.values()] : datedRelationship(speaker, timeZone), termination),
    timeZone,
  };
}

/**
 * Returns the relationship of each deciding record. A date of a source with precedence over all of them (an operator's correction) counts for
 * each. A last day ends in the zone that a record in force on that day states: the record itself, another one whose relationship includes the
 * day, or one without a relationship.
 */
function readRelationships(
  deciding: readonly ExtendableRecord[],
  speaking: readonly ExtendableRecord[],
  { precedence, timeZone, memory = {}, now }: MergeInput,
): ReadonlyMap<ExtendableRecord, Relationship> {
  const correction = (name: string): ExtendableRecord | null => {
    const winner = first(name, speaking, orderOf(name, precedence));
    return winner !== null && !deciding.includes(winner) ? winner : null;
  };
  const isZoneSaid = speaking.some((record) => zoneOf(record) !== null);
  const lastDayIn = (record: ExtendableRecord, day: string): string => {
    if (!isZoneSaid) return timeZone;
    const there = speaking.filter((one) => one === record || !deciding.includes(one) || coversDay(one, day, { correction, timeZone }));
    return zone(said('timeZone', first('timeZone', there, orderOf('timeZone', precedence)))?.value) ?? timeZone;
  };
  const begun = begunBefore(memory);
  const relationships = relationshipsOf(deciding, { correction, lastDayIn, timeZone });
  return new Map([...relationships].map(([record, one]) => [record, settleContradiction(one, begun.get(one.recordId), now)]));
}

function orderOf(name: string, { attributes, default: usual }: Precedence): readonly string[] {
  return (Object.hasOwn(attributes, name) ? attributes[name] : undefined) ?? usual;
}

interface Present {
  /** Instant of the merge: now, or the earlier end that an operator has stated. */
  readonly at: Instant;
  /** Records whose relationship is not the present one. */
  readonly aside: ReadonlySet<ExtendableRecord>;
  /** Returns the record that counts for an attribute. */
  readonly speaker: (name: string) => ExtendableRecord | null;
}

/** Returns the records that count for the person now, and the end that an operator has stated. Records that counted at that end still count. */
function presentOf(
  speaking: readonly ExtendableRecord[],
  relationships: ReadonlyMap<ExtendableRecord, Relationship>,
  { precedence, timeZone, now }: MergeInput,
): Present & { readonly termination: RelationshipBound | null } {
  const at = (instant: Instant): Present => {
    const aside = new Set(setAside(relationships, instant));
    const present = speaking.filter((record) => !aside.has(record));
    const past = aside.size === 0 ? [] : speaking.filter((record) => aside.has(record));
    const speaker = (name: string): ExtendableRecord | null => {
      const order = orderOf(name, precedence);
      return first(name, present, order) ?? (OF_A_RELATIONSHIP.includes(name) ? null : first(name, past, order));
    };
    return { at: instant, aside, speaker };
  };
  // The zone of a last day is stated by the record that counts when the day begins: later records cannot move the end.
  const zoneOn = (day: string | null): string => {
    const begins = instantOf(day, 'start', timeZone);
    return begins === null ? timeZone : (zone(said('timeZone', at(begins < now ? begins : now).speaker('timeZone'))?.value) ?? timeZone);
  };
  const termination = terminationOf(speaking, zoneOn);
  return { ...at(termination !== null && termination.at < now ? termination.at : now), termination };
}

/** Sorts records by the order of their sources. `records` are already in rank order, so that within one source the first one wins. */
function ranked(records: readonly ExtendableRecord[], order: readonly string[]): ExtendableRecord[] {
  return [...order.flatMap((source) => records.filter((record) => record.source === source)), ...records.filter(({ source }) => !order.includes(source))];
}

function first(name: string, records: readonly ExtendableRecord[], order: readonly string[]): ExtendableRecord | null {
  return ranked(records, order).find(({ facts }) => Object.hasOwn(facts, name) && facts[name] !== undefined) ?? null;
}

function said(name: string, record: ExtendableRecord | null): Attribute | null {
  const value = record?.facts[name] ?? null;
  if (record === null || value === null || value === '' || (Array.isArray(value) && value.length === 0)) return null;
  if (name === 'endDate' && record.extension !== undefined) return { value, source: EXTENSION_SOURCE, recordId: record.extension.id };
  return { value, source: record.source, recordId: record.id };
}

function zone(value: unknown): string | null {
  return typeof value === 'string' && isTimeZone(value) ? value : null;
}

/** Relationship from the merged dates, for a person without an authoritative source. */
function datedRelationship(speaker: (name: string) => ExtendableRecord | null, timeZone: string): Relationship[] {
  const bound = (name: string, edge: 'start' | 'end'): RelationshipBound | null => {
    const record = speaker(name);
    return record === null ? null : dateBound(record, name, edge, timeZone);
  };
  const [start, end] = [bound('startDate', 'start'), bound('endDate', 'end')];
  return start === null && end === null ? [] : [{ start, end }];
}

/**
 * Record that counts for the kind of person: of a present or future relationship. A record that only reports an end does not count.
 * A person whom an operator has terminated keeps the kind that they had then, even if the last day of a contract is later.
 */
function sayingType(
  relationships: ReadonlyMap<ExtendableRecord, Relationship>,
  { aside, at }: Pick<Present, 'aside' | 'at'>,
  { precedence }: MergeInput,
): SourceRecord | undefined {
  const said = [...relationships].filter(([record, relationship]) => !aside.has(record) && record.userType != null && phaseOf(relationship, at) < 2);
  return ranked(
    said.map(([record]) => record),
    precedence.default,
  )[0];
}

/**
 * Record that counts for the kind of a person about whose relationship no authoritative source decides: an authoritative source before logins,
 * then by precedence; of two logins the later one.
 */
function assertingType(speaking: readonly SourceRecord[], { precedence, authoritative }: MergeInput): SourceRecord | undefined {
  const saying = speaking.filter(({ userType = null }) => userType !== null);
  const vouched = saying.filter(({ source }) => authoritative.includes(source));
  return ranked(vouched.length > 0 ? vouched : saying, precedence.default)[0];
}

/** Records of past and future relationships if there is a present one; without one, records of past relationships if there is a future one. */
function setAside(relationships: ReadonlyMap<SourceRecord, Relationship>, now: Instant): SourceRecord[] {
  const phases = [...relationships].map(([record, relationship]) => ({ record, phase: phaseOf(relationship, now) }));
  const best = Math.min(...phases.map(({ phase }) => phase));
  return phases.filter(({ phase }) => phase > best).map(({ record }) => record);
}

function phaseOf(relationship: Relationship, now: Instant): 0 | 1 | 2 {
  if (isCalledOff(relationship) || (relationship.end !== null && relationship.end.at <= now)) return 2;
  return relationship.start !== null && relationship.start.at > now ? 1 : 0;
}

function mergeGroups(records: readonly SourceRecord[]): Identity['groups'] {
  const groups: Record<string, { groups: readonly string[]; recordId: string }> = {};
  for (const record of records.toSorted((a, b) => (a.source < b.source ? -1 : a.source > b.source ? 1 : 0))) {
    if (record.groups === null || groups[record.source] !== undefined) continue;
    groups[record.source] = { groups: [...new Set(record.groups)].sort(), recordId: record.id };
  }
  return groups;
}
