import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { compileMapping, compilePolicy } from '@tenure/domain';
import { createInstallation, eventually, type Installation } from '../apps/worker/test/installation.ts';
import { createRandom } from '../faults/random.ts';
import { eventsOf, type Event } from './company.ts';
import { accessYaml, tenureYaml } from './configuration.ts';
import { type Expected, expectedOf, type Rules } from './expected.ts';
import { type Clocks, createClocks } from './let-time-pass.ts';

/** A short form runs with the other tests; npm run test:calendar plays 400 days of 200 people. */
const days = Number(process.env['CALENDAR_DAYS'] ?? 45);
const people = Number(process.env['CALENDAR_PEOPLE'] ?? 16);
const seed = process.env['CALENDAR_SEED'] ?? Math.random().toString(36).slice(2, 10);
/** Before summer time begins in America and in Europe; 400 days later a leap day has passed. */
const start = Date.parse('2027-02-20T00:00:00.000Z');
const day = 24 * 3_600_000;
/** Milliseconds: what a timer may be late, and so what a bound that follows from it may differ. */
const allowance = 2_000;
const patience = 60_000;

let tenure: Installation;
let clocks: Clocks;
let rules: Rules;
let now = new Date(start).toISOString();
const say = (line: string): void => void process.stderr.write(`[calendar] ${line}\n`);

interface Person {
  readonly identityId: string;
  readonly userName: string;
  readonly expected: Expected;
}
const known = new Map<number, Person>();
let wakeUps = 0;
let latest = 0;

beforeAll(async () => {
  tenure = await createInstallation({ files: { tenureYaml, accessYaml }, clock: () => now, poolSize: 16 });
  clocks = createClocks(tenure.client);
  const { precedence, timeZone, attributes, targets } = tenure.configuration;
  const mappings = Object.values(targets).map((target) => compileMapping(target, attributes));
  rules = { policy: compilePolicy(tenure.configuration.policy, 1), mappings, precedence, authoritative: ['hr', 'vendors'], timeZone };
}, 120_000);
afterAll(() => tenure?.stop());

test(
  `${days} days of ${people} people: at every midnight access is what policy answers from scratch`,
  async () => {
    say(`seed ${seed} (CALENDAR_SEED=${seed} plays the same), ${days} days, ${people} people`);
    const begun = performance.now();
    const events = eventsOf(createRandom(seed), people, start, days);
    let next = 0;
    for (let midnight = start + day; midnight <= start + days * day; midnight += day) {
      const at = new Date(midnight).toISOString();
      const today: Event[] = [];
      for (let event = events[next]; event !== undefined && event.at < at; event = events[(next += 1)]) today.push(event);
      const persons = new Set([...today.map(({ person }) => person), ...known.keys()]);
      await Promise.all(
        [...persons].map((person) =>
          liveThrough(
            person,
            today.filter((event) => event.person === person),
            at,
          ),
        ),
      );
      now = at;
      await compareAll(at);
    }
    say(
      `${events.length} events and ${wakeUps} dates in ${((performance.now() - begun) / 1000).toFixed(0)} s; the latest of them ${latest} ms after its instant by the life's own clock`,
    );
    expect(await tenure.store.read((tx) => tx.audit.verify())).toMatchObject({ problems: [] });
  },
  30 * 60_000,
);

/** What happens to one person in a day, and what comes by itself, in order. */
async function liveThrough(person: number, events: readonly Event[], until: string): Promise<void> {
  for (const event of events) {
    await wakeUpTo(person, event.at);
    await take(event);
  }
  await wakeUpTo(person, until);
}

async function take({ at, person, record }: Event): Promise<void> {
  now = at > now ? at : now;
  const taken = await tenure.record(record, at);
  const { identityId, recordId } = taken;
  if (identityId === null || recordId === null) throw new Error(`a record of person ${person} was not taken: ${taken.message}`);
  const stored = await tenure.store.read((tx) => tx.identities.get(identityId));
  const one = known.get(person) ?? { identityId, userName: stored?.userName ?? '', expected: expectedOf(stored?.userName ?? '', at, rules) };
  known.set(person, one);
  expect(one.identityId).toBe(identityId);
  const { source, externalId, facts, status } = record;
  const userType = source === 'hr' ? 'employee' : 'contractor';
  one.expected.ask(at, { id: recordId, source, externalId, facts, groups: null, status, endedAt: status === 'ended' ? at : null, userType, recordedAt: at });
}

/** Lets each date come that lies up to and at this instant. */
async function wakeUpTo(person: number, until: string): Promise<void> {
  const one = known.get(person);
  if (one === undefined) return;
  for (;;) {
    const due = await agreedWakeUp(person, one);
    if (due === null || due > until) return;
    await clocks.forward(one.identityId, due);
    const decidedAt = await eventually(async () => {
      const at = (await tenure.store.read((tx) => tx.identities.get(one.identityId)))?.decidedAt ?? '';
      return at >= due ? at : null;
    }, patience);
    wakeUps += 1;
    latest = Math.max(latest, Date.parse(decidedAt) - Date.parse(due));
    one.expected.ask(decidedAt);
  }
}

/** The next date of a life: the one that it sleeps until, which has to be the one that the core says. */
async function agreedWakeUp(person: number, { identityId, expected }: Person): Promise<string | null> {
  let stored: string | null = null;
  const agreed = await eventually(async () => {
    stored = (await tenure.store.read((tx) => tx.identities.get(identityId)))?.nextWakeUp ?? null;
    return isNear(stored, expected.nextWakeUp) ? { at: stored } : null;
  }, patience).catch(() => {
    throw new Error(`person ${person} (${identityId}) sleeps until ${stored}, and not until ${expected.nextWakeUp}`);
  });
  return agreed.at;
}

function isNear(a: string | null, b: string | null): boolean {
  return a === null || b === null ? a === b : Math.abs(Date.parse(a) - Date.parse(b)) <= allowance;
}

/** Everybody's grants in the database and account in the application, beside what the core says from scratch. */
async function compareAll(at: string): Promise<void> {
  await eventually(async () => {
    const [row] = await tenure.database.execute('select count(*)::int as open from account where confirmed_at is null');
    return row?.['open'] === 0;
  }, patience).catch(() => undefined);
  const accounts = new Map((await tenure.lookAtAll()).map((account) => [account.login, account]));
  const ids = [...known.values()].map(({ identityId }) => identityId);
  const grants = await tenure.store.read((tx) => tx.access.currentGrants(ids));
  const differences: string[] = [];
  for (const [person, { identityId, userName, expected }] of known) {
    const held = grants.filter((grant) => grant.identityId === identityId && grant.validFrom <= at && (grant.validUntil === null || grant.validUntil > at));
    const account = accounts.get(userName);
    const wanted = expected.account(at);
    const is = JSON.stringify([held.map(({ name }) => name).sort(), account ? [account.enabled, account.roles] : null]);
    const ought = JSON.stringify([expected.held(at), wanted === null ? null : [wanted.state === 'enabled', wanted.entitlements]]);
    if (is !== ought) differences.push(`person ${person} (${identityId}, ${expected.state}) has ${is}, and not ${ought}`);
  }
  if (differences.length > 0) throw new Error(`at ${at}, seed ${seed}:\n${differences.join('\n')}`);
}
