import { instantOf } from '../time/dates.ts';
import type { ExtendableRecord } from '../lifecycle/extensions.ts';
import type { Instant } from './facts.ts';
import { reportedEnd } from '../lifecycle/termination.ts';

/** Context of ranking records. */
export interface RankContext {
  /** Sources whose records are logins. */
  readonly logins: readonly string[];
  /** Sources that decide about relationships: their present relationship counts before their order. */
  readonly authoritative: readonly string[];
  /** IANA name of the zone in which days are converted to instants. */
  readonly timeZone: string;
}

/**
 * Sorts records of equal precedence, independent of when they arrived: the one that is primary (`primary: true`) first, then the one that ends
 * later, then the one that began earlier. Of two logins the later one is first. Records that are still equal are sorted by the source's own ids.
 */
export function rankRecords(records: readonly ExtendableRecord[], context: RankContext): ExtendableRecord[] {
  const ranked = records.map((record) => ({ record, rank: rankOf(record, context) }));
  return ranked.toSorted((a, b) => compareAll(a.rank, b.rank)).map(({ record }) => record);
}

/** Texts later and earlier than every instant. */
const [NEVER, ALWAYS] = ['~', ''];

/** Sort key of a record: at each place the smaller value is first, or the larger one with `later-first`. */
type Rank = readonly (readonly [value: string, later?: 'later-first'])[];

function rankOf(record: ExtendableRecord, { logins, authoritative, timeZone }: RankContext): Rank {
  const { facts, status, source } = record;
  const at = (name: string, edge: 'start' | 'end'): Instant | null => (Object.hasOwn(facts, name) ? instantOf(facts[name], edge, timeZone) : null);
  const dated = at('endDate', 'end') ?? NEVER;
  const reported = status === 'ended' ? reportedEnd(record, timeZone) : NEVER;
  const end = reported < dated ? reported : dated;
  return [
    [status === 'ended' && !authoritative.includes(source) ? '1' : '0'],
    [facts['primary'] === true ? '0' : '1'],
    [end, 'later-first'],
    [at('startDate', 'start') ?? ALWAYS],
    [logins.includes(source) ? record.recordedAt : ALWAYS, 'later-first'],
    [record.externalId],
    [source],
    [record.id],
  ];
}

function compareAll(a: Rank, b: Rank): number {
  for (const [index, [value, order]] of a.entries()) {
    const other = b[index]?.[0] ?? '';
    if (value !== other) return value < other === (order !== 'later-first') ? -1 : 1;
  }
  return 0;
}
