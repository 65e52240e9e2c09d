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

/** What is merged: everything the sources say of one person. The order of the records does not matter. */
export interface MergeInput {
  readonly id: string;
  readonly userName: string;
  /** Where no source says one, and no authoritative one of somebody whose relationships are known. */
  readonly userType: UserType;
  readonly createdAt: Instant;
  readonly records: readonly SourceRecord[];
  readonly precedence: Precedence;
  /** Names of the sources whose `active` and `ended` decide about the relationship. */
  readonly authoritative: readonly string[];
  /** Which relationship is the present one depends on it. */
  readonly now: Instant;
  /** IANA name of the zone of everybody who has no `timeZone` of their own. */
  readonly timeZone: string;
  /** Sources whose records are logins: of two the later one speaks. */
  readonly logins?: readonly string[];
  /** Relationships as of the last decision; absent: there was none. */
  readonly memory?: LastRelationships;
}

/** Attributes that speak of one relationship, so that those of another one say nothing of it. */
const OF_A_RELATIONSHIP = ['startDate', 'endDate', 'leaveStart', 'leaveEnd', 'primary', 'timeZone'];

/**
 * Merges what the sources say into one identity. What the present relationship says goes before what past and coming ones do;
 * then per attribute the first source in its precedence that says something wins, be it a value or "none"; sources that are not
 * listed come last, or are not believed where the order is exclusive. What a source may not state counts as not said. Records of equal rank speak in the order of `rankRecords`, whenever they came. A last day ends in the zone in which
 * the person is by all that is said, whichever source says it. An end that was extended counts as it was extended to for as long as its
 * record says the end that was extended. An end that an operator reports cuts every relationship short until it is lifted. What was
 * withdrawn says nothing more than that it has ended.
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
 * The relationship of each deciding record. A date of a source that precedence puts before all of them (an operator's correction) counts for
 * each. A last day ends in the zone that whoever speaks on that day says: the record itself, one whose relationship has that day too, or one
 * that speaks of no relationship.
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
  /** The instant that is spoken of: now, or when an operator has ended the person before. */
  readonly at: Instant;
  /** Records whose relationship is not the present one. */
  readonly aside: ReadonlySet<ExtendableRecord>;
  /** Whose word on an attribute counts. */
  readonly speaker: (name: string) => ExtendableRecord | null;
}

/** Who speaks for the person now, and the end that an operator has said. Who spoke for them at that end goes on to. */
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
  // Where a last day ends is said by whoever speaks as it begins: nobody who comes after it can move it.
  const zoneOn = (day: string | null): string => {
    const begins = instantOf(day, 'start', timeZone);
    return begins === null ? timeZone : (zone(said('timeZone', at(begins < now ? begins : now).speaker('timeZone'))?.value) ?? timeZone);
  };
  const termination = terminationOf(speaking, zoneOn);
  return { ...at(termination !== null && termination.at < now ? termination.at : now), termination };
}

/** In the order of their sources; `records` are in rank order already, so that within one source the first that speaks wins. */
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

/** Without an authoritative source the merged dates tell. */
function datedRelationship(speaker: (name: string) => ExtendableRecord | null, timeZone: string): Relationship[] {
  const bound = (name: string, edge: 'start' | 'end'): RelationshipBound | null => {
    const record = speaker(name);
    return record === null ? null : dateBound(record, name, edge, timeZone);
  };
  const [start, end] = [bound('startDate', 'start'), bound('endDate', 'end')];
  return start === null && end === null ? [] : [{ start, end }];
}

/**
 * Whose word on the kind of person counts: that of a relationship which goes on or is to come. One that only reports an end says nothing of it.
 * Whom an operator has ended stays what they were then, though the last day of a contract comes after it.
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
 * Who says the kind of somebody of whom no authoritative source says whether they are there: an authoritative one before logins, else as
 * precedence has it; of two logins the later one.
 */
function assertingType(speaking: readonly SourceRecord[], { precedence, authoritative }: MergeInput): SourceRecord | undefined {
  const saying = speaking.filter(({ userType = null }) => userType !== null);
  const vouched = saying.filter(({ source }) => authoritative.includes(source));
  return ranked(vouched.length > 0 ? vouched : saying, precedence.default)[0];
}

/** Records whose relationship is not the present one, as long as another is: those past and to come. Without a present one the next to come counts, else the past. */
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
