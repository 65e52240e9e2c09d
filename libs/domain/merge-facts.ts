import { instantOf, isTimeZone } from './dates.ts';
import { type ExtendableRecord, withExtensions } from './extensions.ts';
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
import { isCalledOff } from './relationship.ts';
import { reportedEnd, terminationOf } from './termination.ts';

/** What is merged: everything the sources say of one person. The order of the records does not matter. */
export interface MergeInput {
  readonly id: string;
  readonly userName: string;
  /** Where no authoritative source says one. */
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
}

/** Attributes that speak of one relationship, so that those of another one say nothing of it. */
const OF_A_RELATIONSHIP = ['startDate', 'endDate', 'leaveStart', 'leaveEnd'];

/**
 * Merges what the sources say into one identity. What the present relationship says goes before what past and coming ones do;
 * then per attribute the first source in its precedence that says something wins, be it a value or "none"; sources that are not
 * listed come last. Between records of equal rank a relationship that goes on goes before one that ended, then the latest
 * recording, then the smaller record id. An end that was extended counts as it was extended to for as long as its record says the
 * end that was extended. An end that an operator reports cuts every relationship short until it is lifted.
 */
export function mergeFacts(input: MergeInput): Identity {
  const { id, userName, createdAt } = input;
  const all = withExtensions(input.records).toSorted(byRank);
  const deciding = all.filter((record) => record.status !== null && input.authoritative.includes(record.source));
  const relationships = relationshipsOf(deciding, all, input);
  const { aside, speaker, termination } = presentOf(all, relationships, input);
  const names = [...new Set(all.flatMap(({ facts }) => Object.keys(facts)))].sort();
  const attributes = Object.fromEntries(
    names.flatMap((name): [string, Attribute][] => {
      const attribute = said(name, speaker(name));
      return attribute === null ? [] : [[name, attribute]];
    }),
  );
  const timeZone = zone(attributes['timeZone']?.value) ?? input.timeZone;
  return {
    id,
    userName,
    userType: sayingType(relationships, aside, input)?.userType ?? input.userType,
    createdAt,
    attributes,
    groups: mergeGroups(all),
    relationships: cutShort(deciding.length > 0 ? [...relationships.values()] : datedRelationship(speaker, timeZone), termination),
    timeZone,
  };
}

interface Present {
  /** Records whose relationship is not the present one. */
  readonly aside: ReadonlySet<ExtendableRecord>;
  /** Whose word on an attribute counts. */
  readonly speaker: (name: string) => ExtendableRecord | null;
}

/** Who speaks for the person now, and the end that an operator has said. Who spoke for them at that end goes on to. */
function presentOf(
  all: readonly ExtendableRecord[],
  relationships: ReadonlyMap<ExtendableRecord, Relationship>,
  { precedence, timeZone, now }: MergeInput,
): Present & { readonly termination: RelationshipBound | null } {
  const at = (instant: Instant): Present => {
    const aside = new Set(setAside(relationships, instant));
    const present = all.filter((record) => !aside.has(record));
    const speaker = (name: string): ExtendableRecord | null => {
      const order = Object.hasOwn(precedence.attributes, name) ? (precedence.attributes[name] ?? []) : precedence.default;
      return first(name, present, order) ?? (OF_A_RELATIONSHIP.includes(name) ? null : first(name, [...aside], order));
    };
    return { aside, speaker };
  };
  // Where a last day ends is said by whoever speaks as it begins: nobody who comes after it can move it.
  const zoneOn = (day: string | null): string => {
    const begins = instantOf(day, 'start', timeZone);
    return begins === null ? timeZone : (zone(said('timeZone', at(begins < now ? begins : now).speaker('timeZone'))?.value) ?? timeZone);
  };
  const termination = terminationOf(all, zoneOn);
  return { ...at(termination !== null && termination.at < now ? termination.at : now), termination };
}

function byRank(a: SourceRecord, b: SourceRecord): number {
  return Number(a.status === 'ended') - Number(b.status === 'ended') || compare(b.recordedAt, a.recordedAt) || compare(a.id, b.id);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
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

/**
 * The relationship that each deciding record speaks of. Its dates are days where it says that the person works. A date of a
 * source that precedence puts before all of them (an operator's correction) counts for each.
 */
function relationshipsOf(deciding: readonly ExtendableRecord[], all: readonly ExtendableRecord[], input: MergeInput): Map<ExtendableRecord, Relationship> {
  const correction = (name: string): ExtendableRecord | null => {
    const { attributes, default: usual } = input.precedence;
    const winner = first(name, all, (Object.hasOwn(attributes, name) ? attributes[name] : undefined) ?? usual);
    return winner !== null && !deciding.includes(winner) ? winner : null;
  };
  const [start, end] = [correction('startDate'), correction('endDate')];
  return new Map(
    deciding.map((record) => {
      const own = zone(record.facts['timeZone']) ?? input.timeZone;
      const reported: RelationshipBound | null = record.status === 'ended' ? { at: reportedEnd(record, own), recordId: record.id, by: 'report' } : null;
      const dated = dateBound(end ?? record, 'endDate', 'end', own);
      return [
        record,
        {
          start: dateBound(start ?? record, 'startDate', 'start', own),
          end: dated === null || (reported !== null && reported.at <= dated.at) ? reported : dated,
        },
      ];
    }),
  );
}

/** What would begin after the termination is called off with it. */
function cutShort(relationships: readonly Relationship[], termination: RelationshipBound | null): readonly Relationship[] {
  if (termination === null) return relationships;
  if (relationships.length === 0) return [{ start: null, end: termination }];
  return relationships.map(({ start, end }) => ({ start, end: end !== null && end.at <= termination.at ? end : termination }));
}

function dateBound(
  { id, facts, extension }: Pick<ExtendableRecord, 'id' | 'facts' | 'extension'>,
  name: string,
  edge: 'start' | 'end',
  timeZone: string,
): RelationshipBound | null {
  const at = Object.hasOwn(facts, name) ? instantOf(facts[name], edge, timeZone) : null;
  if (at === null) return null;
  const from = name === 'endDate' && extension !== undefined ? instantOf(extension.endDate, edge, timeZone) : null;
  return extension === undefined || from === null
    ? { at, recordId: id, by: 'date' }
    : { at, recordId: extension.id, by: 'date', extended: { recordId: id, from } };
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

/** Whose word on the kind of person counts: that of a relationship which goes on or is to come. One that only reports an end says nothing of it. */
function sayingType(relationships: ReadonlyMap<SourceRecord, Relationship>, aside: ReadonlySet<SourceRecord>, input: MergeInput): SourceRecord | undefined {
  const said = [...relationships].filter(([record, relationship]) => !aside.has(record) && record.userType != null && phaseOf(relationship, input.now) < 2);
  return ranked(
    said.map(([record]) => record),
    input.precedence.default,
  )[0];
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
  for (const record of records.toSorted((a, b) => compare(a.source, b.source))) {
    if (record.groups === null || groups[record.source] !== undefined) continue;
    groups[record.source] = { groups: [...new Set(record.groups)].sort(), recordId: record.id };
  }
  return groups;
}
