import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { decideRecord, type IncomingRecord, takeRecord } from '@tenure/engine/intake';
import { reactivate } from '@tenure/engine/leavers';
import { openRequest } from '@tenure/engine/requests';
import { extendContract } from '@tenure/engine/sponsors';
import { compileMapping, compilePolicy, DomainError, earliest, EXTENSION_SOURCE, type Lifecycle, lookAgainAt, type SourceRecord } from '@tenure/domain';
import { createInstallation, eventually, type Installation } from '../../apps/worker/test/installation.ts';
import { createRandom } from '../faults/random.ts';
import { eventsOf, type Event } from './company.ts';
import { accessYaml, tenureYaml } from './configuration.ts';
import { type Expected, expectedOf, type Rules } from './expected.ts';
import { type Clocks, createClocks } from './let-time-pass.ts';

/** A short form runs with the other tests; npm run test:calendar plays 400 days of 200 people. */
const days = Number(process.env['CALENDAR_DAYS'] ?? 45);
const people = Number(process.env['CALENDAR_PEOPLE'] ?? 16);
const seed = String(jest.getSeed());
/** Before summer time begins in America and in Europe; 400 days later a leap day has passed. */
const start = Date.parse('2027-02-20T00:00:00.000Z');
const day = 24 * 3_600_000;
/** Milliseconds by which a timer may be late, and so by which a bound that follows from it may differ. */
const allowance = 2_000;
const patience = 180_000;

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
/** Number of accepted deeds of people, by kind. */
const deeds: Record<string, number> = {};
let wakeUps = 0;
let latest = 0;

beforeAll(async () => {
  tenure = await createInstallation({ files: { tenureYaml, accessYaml }, clock: () => now, poolSize: 16 });
  clocks = createClocks(tenure.client);
  const { precedence, timeZone, attributes, targets } = tenure.configuration;
  const mappings = Object.values(targets).map((target) => compileMapping(target, attributes));
  rules = { policy: compilePolicy(tenure.configuration.policy, 1), mappings, precedence, authoritative: ['hr', 'vendors'], logins: ['contoso'], timeZone };
});
afterAll(() => tenure?.stop());

test(
  `${days} days of ${people} people: at every midnight access is what policy answers from scratch`,
  async () => {
    say(`seed ${seed} (--seed=${seed} plays the same), ${days} days, ${people} people`);
    const begun = performance.now();
    const events = eventsOf(createRandom(seed), people, start, days);
    let next = 0;
    for (let midnight = start + day; midnight <= start + days * day; midnight += day) {
      const at = new Date(midnight).toISOString();
      const today: Event[] = [];
      for (let event = events[next]; event !== undefined && event.at < at; event = events[(next += 1)]) today.push(event);
      const due = new Set(await dueBy(at));
      const waking = [...known].filter(([, { identityId, expected }]) => due.has(identityId) || (expected.nextWakeUp ?? '~') <= at).map(([person]) => person);
      const persons = new Set([...today.map(({ person }) => person), ...waking]);
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
      if (midnight % (50 * day) === 0) say(`${at.slice(0, 10)}, ${wakeUps} dates, ${((performance.now() - begun) / 1000).toFixed(0)} s`);
    }
    const [deadlocks] = await tenure.database.execute('select deadlocks::int as times from pg_stat_database where datname = current_database()');
    say(
      `${events.length} events (${JSON.stringify(deeds)}) and ${wakeUps} dates in ${((performance.now() - begun) / 1000).toFixed(0)} s; the latest of them ${latest} ms after its instant by the life's own clock; ${deadlocks?.['times']} times two waited for each other`,
    );
    expect(await tenure.store.read((tx) => tx.audit.verify())).toMatchObject({ problems: [] });
  },
  30 * 60_000,
);

/** Plays the events of one person's day, and the dates in between, in order. */
async function liveThrough(person: number, events: readonly Event[], until: string): Promise<void> {
  for (const event of events) {
    await wakeUpTo(person, event.at);
    await take(event);
  }
  await wakeUpTo(person, until);
}

async function take({ at, person, deed }: Event): Promise<void> {
  now = at > now ? at : now;
  // Hours lie between the events of a person: earlier decisions have been carried out by then.
  const { identityId: whose } = known.get(person) ?? {};
  const isDone = ({ accounts }: Standing): boolean => accounts.every(({ confirmedAt }) => confirmedAt !== null);
  if (whose !== undefined) await soon(async () => isDone(await standingOf(whose))).catch(() => undefined);
  // Time does not run backwards for a person: a workflow whose clock was brought further than its date has decided then.
  const decidedAt = whose === undefined ? null : (await standingOf(whose)).decidedAt;
  const asked = decidedAt !== null && decidedAt > at ? decidedAt : at;
  if (deed.kind === 'record') return record(person, { at, asked }, deed.record);
  const one = known.get(person);
  if (one === undefined) return;
  if (deed.kind === 'site') return record(person, { at, asked }, deed.record);
  if (deed.kind === 'again') return repeat(deed, at);
  const { identityId, expected } = one;
  const { store, engine } = tenure;
  const act = { actor: { kind: 'system', id: 'calendar' }, correlationId: `${deed.kind} ${person} ${at}`, now: at } as const;
  const wanted = { identityId, reason: 'calendar', by: { id: 'operator', isOperator: true } };
  const done = await store
    .transaction(act, async (tx): Promise<Parameters<Expected['ask']>[1] | null> => {
      const ofSource = async (source: string) => (await tx.identities.recordsOf(identityId)).filter((one) => one.source === source);
      switch (deed.kind) {
        case 'login': {
          if ((await tx.identities.get(identityId))?.state !== 'active') return null;
          await takeRecord(tx, engine, deed.record, 'login');
          const [said] = await ofSource('contoso');
          return said === undefined ? null : { record: said };
        }
        case 'extension': {
          if ((await extendContract(tx, engine, { ...wanted, until: deed.until })).outcome === 'unchanged') return null;
          const said = (await ofSource(EXTENSION_SOURCE)).find(({ recordedAt }) => recordedAt === at);
          return said === undefined ? null : { record: said };
        }
        case 'reactivation': {
          if ((await reactivate(tx, engine, identityId, 'calendar')).outcome === 'not-inactive') return null;
          const [said] = await ofSource('operator');
          return said === undefined ? null : { record: said };
        }
        case 'request': {
          const items = [{ kind: 'entitlement' as const, name: 'ledger.archive', duration: `P${deed.days}D` }];
          const before = new Set((await tx.requests.inForce(identityId)).map(({ id }) => id));
          await openRequest(tx, engine, { identityId, requestedBy: identityId, justification: 'calendar', items });
          const granted = (await tx.requests.inForce(identityId)).find(({ id }) => !before.has(id));
          const { validFrom = null, validUntil = null } = granted ?? {};
          return granted === undefined || validFrom === null || validUntil === null ? null : { requested: { ...granted, validFrom, validUntil } };
        }
      }
    })
    .catch((error: unknown) => {
      // Too late, too long, not offered: then nothing has happened, and the core is not asked either.
      if (error instanceof DomainError) return null;
      throw error;
    });
  tenure.nudge();
  if (done === null) return;
  deeds[deed.kind] = (deeds[deed.kind] ?? 0) + 1;
  expected.ask(asked, done);
}

async function record(person: number, { at, asked }: { readonly at: string; readonly asked: string }, said: IncomingRecord): Promise<void> {
  const taken = await tenure.record(said, at);
  const { recordId } = taken;
  const identityId = taken.outcome === 'ambiguous' && recordId !== null ? await somebodyNew(person, said, recordId, at) : taken.identityId;
  if (identityId === null || recordId === null) throw new Error(`a record of person ${person} was not taken: ${taken.message}`);
  const stored = await tenure.store.read((tx) => tx.identities.get(identityId));
  const one = known.get(person) ?? { identityId, userName: stored?.userName ?? '', expected: expectedOf(stored?.userName ?? '', at, rules) };
  known.set(person, one);
  expect(one.identityId).toBe(identityId);
  one.expected.ask(asked, { record: noted(recordId, said, at) });
}

/**
 * Decides that a record is of a new person: a number that belongs, or belonged, to somebody else opens a case, and the person who answers it knows
 * that this is another one.
 */
async function somebodyNew(person: number, { version }: IncomingRecord, recordId: string, at: string): Promise<string> {
  expect(known.has(person)).toBe(false);
  deeds['question'] = (deeds['question'] ?? 0) + 1;
  const act = { actor: { kind: 'system', id: 'calendar' }, correlationId: `whose ${person} ${at}`, now: at } as const;
  const asked = { recordId, version, identityId: null, reason: 'calendar', by: { id: 'operator', isAdmin: true } };
  const identityId = await tenure.store.transaction(act, (tx) => decideRecord(tx, tenure.engine, asked));
  tenure.nudge();
  return identityId;
}

/** Sends a version that was sent before: it brings nothing new, and with other content it is a mistake; the core is not asked. */
async function repeat({ record: said, isMistaken }: Extract<Event['deed'], { kind: 'again' }>, at: string): Promise<void> {
  const { outcome } = await tenure.record(said, at);
  expect(isMistaken ? ['conflict', 'stale'] : ['unchanged', 'stale']).toContain(outcome);
  const kind = isMistaken ? 'mistake' : 'repeat';
  deeds[kind] = (deeds[kind] ?? 0) + 1;
}

/** Latest state of each record: the last status stays, and facts that a final record leaves out keep their value. */
const written = new Map<string, SourceRecord>();
function noted(id: string, { source, externalId, facts, status: said }: IncomingRecord, at: string): SourceRecord {
  const before = written.get(id);
  const status = said ?? before?.status ?? null;
  const hasEndedBefore = before?.status === 'ended';
  const next: SourceRecord = {
    id,
    source,
    externalId,
    facts: status === 'ended' ? { ...before?.facts, ...facts } : facts,
    groups: null,
    status,
    endedAt: status !== 'ended' ? null : hasEndedBefore ? before.endedAt : at,
    ...(source === 'sites' ? {} : { userType: source === 'hr' ? ('employee' as const) : ('contractor' as const) }),
    recordedAt: at,
  };
  written.set(id, next);
  return next;
}

/** Lets each date come that lies up to and at this instant. */
async function wakeUpTo(person: number, until: string): Promise<void> {
  const one = known.get(person);
  if (one === undefined) return;
  for (;;) {
    const due = await agreedWakeUp(person, one);
    if (due === null || due > until) return;
    let askAgain = 0;
    const decidedAt = await soon(async () => {
      const { decidedAt: at } = await standingOf(one.identityId);
      if (at !== null && at >= due) return at;
      // The workflow is there only once the outbox was handed to Temporal, and one that ended meanwhile starts again.
      if (performance.now() > askAgain && (await clocks.forward(one.identityId, due))) askAgain = performance.now() + 2_000;
      return null;
    });
    wakeUps += 1;
    latest = Math.max(latest, Date.parse(decidedAt) - Date.parse(due));
    one.expected.ask(decidedAt);
  }
}

/** Stored state of a person, as far as the test waits for it: in one statement, since it is read very often. */
async function standingOf(identityId: string): Promise<Standing> {
  const [row] = await tenure.database.execute(standing, [identityId]);
  if (row === undefined) throw new Error(`there is no identity ${identityId}`);
  return JSON.parse(String(row['standing'])) as Standing;
}

interface Standing {
  readonly decidedAt: string | null;
  readonly nextWakeUp: string | null;
  readonly lifecycle: Lifecycle | null;
  readonly timeZone: string;
  readonly accounts: readonly { readonly confirmedAt: string | null; readonly observedAt: string | null }[];
}

const instant = (column: string): string => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
const standing = `select json_build_object('decidedAt', ${instant('i.decided_at')}, 'nextWakeUp', ${instant('i.next_wake_up')}, 'lifecycle', i.lifecycle, 'timeZone', i.time_zone,
  'accounts', (select coalesce(json_agg(json_build_object('confirmedAt', ${instant('a.confirmed_at')}, 'observedAt', ${instant('a.observed_at')})), '[]') from account a
    where a.identity_id = i.id))::text as standing from identity i where i.id = ?`;

/** Polls until there is a result, less and less often: many are polled at a time. */
const soon = <T>(ask: () => Promise<T | null | false>): Promise<T> => eventually(ask, patience, 1.3);

/** Ids of the identities with a date up to and at this instant. */
async function dueBy(at: string): Promise<readonly string[]> {
  const rows = await tenure.database.execute('select id from identity where next_wake_up <= ?', [at]);
  return rows.map(({ id }) => String(id));
}

/**
 * Next date of an identity lifecycle: the one until which its workflow sleeps, which has to be the one by the core, or that of a second look at a
 * leaver's account.
 */
async function agreedWakeUp(person: number, { identityId, expected }: Person): Promise<string | null> {
  let stored: string | null = null;
  let wanted: string | null = null;
  const agreed = await soon(async () => {
    const { lifecycle, timeZone, accounts, nextWakeUp, decidedAt } = await standingOf(identityId);
    if (lifecycle === null) return null;
    // Another date within the half minute by which its clock is brought further.
    if (decidedAt !== null && decidedAt >= (expected.nextWakeUp ?? '~')) expected.ask(decidedAt);
    const looks = accounts.map(({ confirmedAt, observedAt }) => lookAgainAt({ lifecycle, policy: rules.policy, timeZone, confirmedAt, observedAt }));
    stored = nextWakeUp;
    wanted = earliest(expected.nextWakeUp, ...looks);
    return isNear(stored, wanted) ? { at: stored } : null;
  }).catch(async () => {
    throw new Error(`person ${person} sleeps until ${stored}, and not until ${wanted}, seed ${seed}:\n${await storyOf(identityId)}`);
  });
  return agreed.at;
}

/** Events of a person, the newest first. */
async function storyOf(identityId: string): Promise<string> {
  const { identity, events } = await tenure.store.read(async (tx) => ({
    identity: await tx.identities.get(identityId),
    events: await tx.audit.ofIdentity(identityId, 40),
  }));
  const told = events.map(
    ({ at, action, actor, reason, correlationId }) => `${at} ${action} ${actor.id} ${correlationId} ${JSON.stringify(reason).slice(0, 300)}`,
  );
  return [`${identityId}, decided at ${identity?.decidedAt}`, JSON.stringify(identity?.lifecycle), ...told].join('\n');
}

function isNear(a: string | null, b: string | null): boolean {
  return a === null || b === null ? a === b : Math.abs(Date.parse(a) - Date.parse(b)) <= allowance;
}

/** Compares everybody's grants in the database and account in the application with the core's result from scratch. */
async function compareAll(at: string): Promise<void> {
  await soon(async () => {
    const [row] = await tenure.database.execute('select count(*)::int as open from account where confirmed_at is null');
    return row?.['open'] === 0;
  }).catch(() => undefined);
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
    if (is !== ought) differences.push(`person ${person} (${expected.state}) has ${is}, and not ${ought}:\n${await storyOf(identityId)}`);
  }
  differences.push(...(await dueBy(at)).map((id) => `${id} has slept through a date`), ...(await sponsorsAway()));
  if (differences.length > 0) throw new Error(`at ${at}, seed ${seed}:\n${differences.join('\n')}`);
}

/** Finds people whose sponsor is not there, or lacks the open case about their contract. */
async function sponsorsAway(): Promise<string[]> {
  const away = await tenure.store.read((tx) => tx.sponsorships.orphaned(10));
  const others = await tenure.database.execute(
    `select c.identity_id, c.owner_id, s.sponsor_id from case_file c left join sponsorship s on s.identity_id = c.identity_id
     where c.kind = 'contract-ending' and c.status = 'open' and c.owner_id is distinct from s.sponsor_id`,
  );
  return [...away.map((id) => `nobody who is there answers for ${id}`), ...others.map((one) => `a contract's case is another's: ${JSON.stringify(one)}`)];
}
