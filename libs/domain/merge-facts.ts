import type { Attribute, Identity, Instant, Precedence, SourceRecord, UserType } from './facts.ts';

/** What is merged: everything the sources say of one person. The order of the records does not matter. */
export interface MergeInput {
  readonly id: string;
  readonly userName: string;
  readonly userType: UserType;
  readonly createdAt: Instant;
  readonly records: readonly SourceRecord[];
  readonly precedence: Precedence;
  /** Names of the sources whose `active` and `ended` decide about the relationship. */
  readonly authoritative: readonly string[];
}

const LIFECYCLE_DATES = ['startDate', 'endDate'];

/**
 * Merges what the sources say into one identity. Per attribute the first source in its precedence that says something wins,
 * be it a value or "none"; sources that are not listed come last. Between records of equal rank a relationship that goes on
 * goes before one that ended, then the latest recording, then the smaller record id.
 */
export function mergeFacts(input: MergeInput): Identity {
  const { id, userName, userType, createdAt, precedence } = input;
  const records = input.records.toSorted(byRank);
  const deciding = records.filter((record) => record.status !== null && input.authoritative.includes(record.source));
  const isActive = deciding.some((record) => record.status === 'active');
  // A rehire: the dates of the relationship that ended say nothing of the one that goes on.
  const past = new Set(isActive ? deciding.filter((record) => record.status === 'ended') : []);
  const names = [...new Set(records.flatMap(({ facts }) => Object.keys(facts)))].sort();
  const attributes = names.flatMap((name): [string, Attribute][] => {
    const speaking = LIFECYCLE_DATES.includes(name) ? records.filter((record) => !past.has(record)) : records;
    const order = Object.hasOwn(precedence.attributes, name) ? precedence.attributes[name] : undefined;
    const attribute = winner(name, speaking, order ?? precedence.default);
    return attribute === null ? [] : [[name, attribute]];
  });
  return {
    id,
    userName,
    userType,
    createdAt,
    attributes: Object.fromEntries(attributes),
    groups: mergeGroups(records),
    ended: isActive ? null : latestEnd(deciding),
  };
}

function byRank(a: SourceRecord, b: SourceRecord): number {
  return Number(a.status === 'ended') - Number(b.status === 'ended') || compare(b.recordedAt, a.recordedAt) || compare(a.id, b.id);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** `records` are in rank order already, so that within one source the first that speaks wins. */
function winner(name: string, records: readonly SourceRecord[], order: readonly string[]): Attribute | null {
  const speaking = records.filter(({ facts }) => Object.hasOwn(facts, name) && facts[name] !== undefined);
  const listed = order.flatMap((source) => speaking.filter((record) => record.source === source));
  const record = listed[0] ?? speaking[0];
  const value = record?.facts[name] ?? null;
  if (record === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)) return null;
  return { value, source: record.source, recordId: record.id };
}

function mergeGroups(records: readonly SourceRecord[]): Identity['groups'] {
  const groups: Record<string, { groups: readonly string[]; recordId: string }> = {};
  for (const record of records.toSorted((a, b) => compare(a.source, b.source))) {
    if (record.groups === null || groups[record.source] !== undefined) continue;
    groups[record.source] = { groups: [...new Set(record.groups)].sort(), recordId: record.id };
  }
  return groups;
}

function latestEnd(deciding: readonly SourceRecord[]): Identity['ended'] {
  const ends = deciding.map((record) => ({ at: record.endedAt ?? record.recordedAt, recordId: record.id }));
  return ends.toSorted((a, b) => compare(b.at, a.at) || compare(a.recordId, b.recordId))[0] ?? null;
}
