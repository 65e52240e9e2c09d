import type { IncomingRecord } from '@tenure/engine/intake';
import type { Facts } from '@tenure/domain';
import type { Random } from '../faults/random.ts';

/** Event at an instant. */
export interface Event {
  readonly at: string;
  readonly person: number;
  readonly deed: Deed;
}

export type Deed =
  /** Record of a source. A login is accepted only while the identity lifecycle is active; a site's record is sent only for people who are there. */
  | { readonly kind: 'record' | 'login' | 'site'; readonly record: IncomingRecord }
  /** A source sends an earlier version again: as it was, or by mistake with other content. */
  | { readonly kind: 'again'; readonly record: IncomingRecord; readonly isMistaken: boolean }
  /** A sponsor extends the end by this much beyond the date on which policy would open the case. */
  | { readonly kind: 'extension'; readonly until: string }
  /** A person who was disabled is reactivated. */
  | { readonly kind: 'reactivation' }
  /** Requests access that is granted without approval. */
  | { readonly kind: 'request'; readonly days: number };

/** Milliseconds. */
const hour = 3_600_000;
const day = 24 * hour;
const zones = ['Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Pacific/Auckland', 'America/Sao_Paulo'];
const departments = ['Finance', 'Sales', 'Other'];

/** Present state of a person in a feed. */
interface Standing {
  source: 'hr' | 'vendors';
  status: 'active' | 'ended';
  /** Last status that was sent. */
  told: 'active' | 'ended' | null;
  version: number;
  facts: Record<string, string | boolean | null>;
}

/** Events of a company, in order of time. The same random numbers give the same company. */
export function eventsOf(random: Random, people: number, start: number, days: number): readonly Event[] {
  const events = Array.from({ length: people }, (_, person) => [
    ...lifeOf(random.stream(`person ${person}`), person, people, start, days),
    ...doings(random.stream(`doings ${person}`), person, start, days),
  ]).flat();
  return events.toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : a.person - b.person));
}

/** Deeds of a person: logins, with pauses now and then; requests; reactivations; extensions of their contract. */
function doings(random: Random, person: number, start: number, days: number): Event[] {
  const events: Event[] = [];
  const login = (at: number): Deed => ({
    kind: 'login',
    record: {
      source: 'contoso',
      externalId: `https://login.contoso.example|${person}`,
      version: String(at),
      facts: { personId: `p-${person}` },
      status: null,
      endedAt: null,
    },
  });
  for (
    let at = start + random.whole(1, 20) * hour;
    at < start + days * day;
    at += random.whole(1, random.happens(0.8) ? 9 : 60) * day + random.whole(0, 86_399) * 1000
  ) {
    const kind = random.pick(['login', 'login', 'login', 'extension', 'extension', 'request', 'reactivation', 'site'] as const);
    const until = new Date(at + random.whole(1, 130) * day).toISOString().slice(0, 10);
    const site = { source: 'sites', externalId: `site-${person}`, version: String(at), facts: { personId: `p-${person}`, timeZone: random.pick(zones) } };
    const deed: Deed =
      kind === 'login'
        ? login(at)
        : kind === 'site'
          ? { kind, record: { ...site, status: null, endedAt: null } }
          : kind === 'extension'
            ? { kind, until }
            : kind === 'request'
              ? { kind, days: random.whole(1, 20) }
              : { kind };
    events.push({ at: new Date(at).toISOString(), person, deed });
  }
  return events;
}

function lifeOf(random: Random, person: number, people: number, start: number, days: number): Event[] {
  const events: Event[] = [];
  const standings: Standing[] = [];
  // Some hires are given a number that others have, or had.
  const number = random.happens(0.2) ? random.whole(0, people - 1) : person;
  const tell = (at: number, standing: Standing): void => {
    standing.version += 1;
    const { source, status, version, facts, told } = standing;
    // Some feeds send a status only when it changes, and of people who end only their id.
    const said = status === told && random.happens(0.4) ? null : status;
    const whole = { ...facts } as Facts;
    const some: Facts = said === 'ended' && random.happens(0.5) ? { personId: `p-${person}` } : whole;
    const record: IncomingRecord = { source, externalId: `${source}-${person}`, version: String(version), facts: some, status: said, endedAt: null };
    standing.told = status;
    events.push({ at: new Date(at).toISOString(), person, deed: { kind: 'record', record } });
    if (!random.happens(0.1)) return;
    const isMistaken = random.happens(0.5);
    const again = isMistaken ? { ...record, facts: { ...some, department: 'Elsewhere' } } : record;
    events.push({ at: new Date(at + 1000).toISOString(), person, deed: { kind: 'again', record: again, isMistaken } });
  };
  const date = (at: number, from: number, to: number): string => new Date(at + random.whole(from, to) * day).toISOString().slice(0, 10);
  const begin = (at: number, source: Standing['source'], more: Standing['facts']): Standing => {
    const facts = {
      displayName: `Person ${person}`,
      personId: `p-${person}`,
      employeeNumber: `n-${number}`,
      department: random.pick(departments),
      timeZone: random.pick(zones),
      manager: `n-${Math.floor(person / 2)}`,
      sponsor: `n-${(person * 7 + 3) % people}`,
      ...more,
    };
    const known = standings.find((one) => one.source === source);
    const standing: Standing = { source, status: 'active', told: known?.told ?? null, version: known?.version ?? 0, facts };
    if (known !== undefined) standings.splice(standings.indexOf(known), 1);
    standings.push(standing);
    tell(at, standing);
    return standing;
  };

  const isContractor = random.happens(0.3);
  const hired = start + random.whole(0, Math.floor(days / 4)) * day + random.whole(0, 23) * hour;
  let current = begin(hired, isContractor ? 'vendors' : 'hr', {
    startDate: date(hired, random.happens(0.4) ? 3 : -200, random.happens(0.4) ? 30 : 0),
    ...(isContractor ? { endDate: date(hired, 40, 200) } : {}),
  });
  // Every six weeks instead of every three for more than a hundred days, which have to be played in minutes.
  const pace = days > 100 ? 2 : 1;
  for (let at = hired + day; at < start + days * day; at += random.whole(5, 40) * pace * day) {
    const when = at + random.whole(0, 23) * hour + random.whole(0, 59) * 60_000;
    const deed = random.pick([
      'move',
      'move',
      'signs',
      'leave',
      'no leave',
      'end',
      'no end',
      'terminate',
      'start moves',
      'zone',
      'hand over',
      'called off',
    ] as const);
    const { facts } = current;
    switch (deed) {
      case 'move':
        facts['department'] = random.pick(departments);
        break;
      case 'signs':
        facts['signs'] = !facts['signs'];
        break;
      case 'leave':
        Object.assign(facts, { leaveStart: date(when, -2, 20), leaveEnd: random.happens(0.8) ? date(when, 21, 60) : null });
        break;
      case 'no leave':
        Object.assign(facts, { leaveStart: null, leaveEnd: null });
        break;
      case 'end':
        facts['endDate'] = date(when, -1, 60);
        break;
      case 'no end':
        facts['endDate'] = null;
        current.status = 'active';
        break;
      case 'terminate':
        current.status = current.status === 'active' ? 'ended' : 'active';
        break;
      case 'start moves':
        facts['startDate'] = date(when, -30, 30);
        break;
      case 'zone':
        facts['timeZone'] = random.pick(zones);
        break;
      case 'called off':
        Object.assign(facts, { startDate: date(when, 5, 20) });
        tell(when, current);
        current.status = 'ended';
        tell(when + 2 * hour, current);
        continue;
      case 'hand over': {
        const other = current.source === 'hr' ? 'vendors' : 'hr';
        const last = new Date(when + random.whole(1, 20) * day);
        facts['endDate'] = last.toISOString().slice(0, 10);
        tell(when, current);
        current = begin(when + hour, other, { startDate: new Date(last.getTime() + day).toISOString().slice(0, 10), department: facts['department'] ?? null });
        continue;
      }
    }
    tell(when, current);
  }
  return events;
}
