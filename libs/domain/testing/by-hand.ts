import { addDuration, instantOf, isTimeZone, localDay } from '../time/dates.ts';
import { EXTENSION_SOURCE, type Identity, type Instant, OPERATOR_SOURCE, type SourceRecord } from '../identity/facts.ts';
import type { BirthrightRule, Origin } from '../policy/policy.ts';

/** Reference answers for tests with random histories, found from records and calendar in another way than in the core. */

/**
 * True if a person has a relationship at an instant: a feed states one at that time, and no operator has terminated them.
 * @param feeds sources that decide about relationships
 * @returns `null` if none of them states anything
 */
export function isHere(records: readonly SourceRecord[], feeds: readonly string[], now: Instant, timeZone: string): boolean | null {
  const said = records.filter(({ source, status }) => feeds.includes(source) && status !== null);
  const isEnded = records.some(({ source, status, endedAt }) => source === OPERATOR_SOURCE && status === 'ended' && endedAt !== null && endedAt <= now);
  if (said.length === 0) return isEnded ? false : null;
  return !isEnded && said.some((record) => isTheirTime(record, records, feeds, now, timeZone));
}

/** Instants at which a person's relationships begin or end, by the feeds. */
export function timesOf(records: readonly SourceRecord[], feeds: readonly string[], timeZone: string): readonly Instant[] {
  return records
    .filter(({ source, status }) => feeds.includes(source) && status !== null)
    .flatMap((record) => {
      const { start, end } = daysOf(record, records, feeds, timeZone);
      return [start, end, record.endedAt].filter((at) => at !== null);
    });
}

function isTheirTime(record: SourceRecord, records: readonly SourceRecord[], feeds: readonly string[], now: Instant, timeZone: string): boolean {
  const { start, end } = daysOf(record, records, feeds, timeZone);
  const { status, endedAt } = record;
  return (start === null || start <= now) && (end === null || now < end) && !(status === 'ended' && endedAt !== null && endedAt <= now);
}

function daysOf(
  record: SourceRecord,
  records: readonly SourceRecord[],
  feeds: readonly string[],
  usual: string,
): { readonly start: Instant | null; readonly end: Instant | null } {
  const { id, facts } = record;
  const { timeZone } = facts;
  const zone = typeof timeZone === 'string' && isTimeZone(timeZone) ? timeZone : usual;
  const extension = records.find(({ source, extends: of }) => source === EXTENSION_SOURCE && of?.recordId === id && of.endDate === facts['endDate']);
  // An attribute that no feed states is taken from the first of the others.
  const others = records.filter(({ source }) => !feeds.includes(source) && source !== EXTENSION_SOURCE).toSorted((a, b) => (a.id > b.id ? -1 : 1));
  const day = (name: string): unknown => {
    const isSaid = records.some((one) => feeds.includes(one.source) && Object.hasOwn(one.facts, name));
    return isSaid ? facts[name] : others.find((one) => Object.hasOwn(one.facts, name))?.facts[name];
  };
  const last = extension?.facts['endDate'] ?? day('endDate');
  return { start: instantOf(day('startDate'), 'start', zone), end: instantOf(last, 'end', zoneOn(String(last), record, records, feeds, usual)) };
}

/** Zone in which a last day ends: of `hr`, then `vendors`, then `saml`, then the other logins, and of the feeds those that include that day. */
function zoneOn(day: string, of: SourceRecord, records: readonly SourceRecord[], feeds: readonly string[], usual: string): string {
  const has = (one: SourceRecord): boolean => one === of || !feeds.includes(one.source) || isWithin(day, one, records, feeds, usual);
  const place = ({ source }: SourceRecord): number => ['hr', 'vendors', 'saml'].indexOf(source) + (source === 'oidc' ? 9 : 0);
  const speakers = records
    .filter((one) => has(one) && typeof one.facts['timeZone'] === 'string' && one.source !== EXTENSION_SOURCE)
    .toSorted((a, b) => place(a) - place(b) || compare(endingOf(b, records, usual), endingOf(a, records, usual)) || beganBefore(a, b) || compare(a.id, b.id));
  const said = speakers[0]?.facts['timeZone'];
  return typeof said === 'string' && isTimeZone(said) ? said : usual;
}

function isWithin(day: string, one: SourceRecord, records: readonly SourceRecord[], feeds: readonly string[], usual: string): boolean {
  const others = records.filter(({ source }) => !feeds.includes(source) && source !== EXTENSION_SOURCE).toSorted((a, b) => (a.id > b.id ? -1 : 1));
  const said = (name: string): unknown =>
    records.some((each) => feeds.includes(each.source) && Object.hasOwn(each.facts, name))
      ? one.facts[name]
      : others.find((each) => Object.hasOwn(each.facts, name))?.facts[name];
  const [first, last] = [said('startDate'), extendedEnd(one, records) ?? said('endDate')];
  const ended = one.status === 'ended' && one.endedAt !== null ? localDay(one.endedAt, usual).day : null;
  return (typeof first !== 'string' || first <= day) && (typeof last !== 'string' || day <= last) && (ended === null || day <= ended);
}

function endingOf(one: SourceRecord, records: readonly SourceRecord[], usual: string): string {
  const last = instantOf(extendedEnd(one, records) ?? one.facts['endDate'], 'end', usual) ?? '~';
  return one.status === 'ended' && one.endedAt !== null && one.endedAt < last ? one.endedAt : last;
}

function extendedEnd({ id, facts }: SourceRecord, records: readonly SourceRecord[]): unknown {
  return records.find(({ source, extends: of }) => source === EXTENSION_SOURCE && of?.recordId === id && of.endDate === facts['endDate'])?.facts['endDate'];
}

function beganBefore(a: SourceRecord, b: SourceRecord): number {
  const day = ({ facts }: SourceRecord): string => (typeof facts['startDate'] === 'string' ? facts['startDate'] : '');
  return compare(day(a), day(b));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** True if somebody is on leave, by their dates. */
export function isAway({ attributes, timeZone }: Identity, now: Instant): boolean {
  const [from, until] = [instantOf(attributes['leaveStart']?.value, 'start', timeZone), instantOf(attributes['leaveEnd']?.value, 'end', timeZone)];
  return from !== null && from <= now && (until === null || now < until);
}

/** True if the facts meet the condition of a birthright rule of `people.ts`. */
export function isMeant({ attributes, timeZone }: Identity, { name: rule, when }: BirthrightRule, now: Instant): boolean {
  const of = (name: string): unknown => attributes[name]?.value;
  switch (rule) {
    case 'everybody':
      return true;
    case 'finance':
    case 'settling-in':
      return of('department') === 'Finance';
    case 'sales':
      return of('department') === 'Sales';
    case 'seniors': {
      const start = instantOf(of('startDate'), 'start', timeZone);
      const hours = Number(/duration\("(\d+)h"\)/.exec(when)?.[1]);
      return Number(of('level')) >= 5 && start !== null && Date.parse(now) >= Date.parse(start) + hours * 3_600_000;
    }
    case 'birthday-month':
      return of('remote') === true;
    default:
      return false;
  }
}

/** Earliest start and latest end of a grant by a birthright rule of `people.ts`. If the rule has an `until`, that is the birthday. */
export function boundsOf(
  { attributes, timeZone }: Identity,
  { name, duration, until: ends, grace }: BirthrightRule,
  { validFrom, endingSince }: Origin,
): [Instant, Instant] {
  const birthday = instantOf(attributes['birthday']?.value, 'start', timeZone);
  const from = name === 'birthday-month' ? (birthday ?? never) : always;
  const counted = duration === undefined ? never : addDuration(name === 'birthday-month' ? from : validFrom, duration, timeZone);
  const until = ends === undefined ? never : (birthday ?? never);
  const kept = endingSince === undefined ? never : addDuration(endingSince, grace ?? 'PT0S', timeZone);
  return [from, [counted, until, kept].sort()[0] ?? never];
}

const always = '0000-01-01T00:00:00.000Z';
const never = '9999-12-31T23:59:59.999Z';
