import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { ask } from './ask.ts';
import { eventually } from '@tenure/testing/eventually.ts';
import { slapdPath } from '@tenure/testing/targets/index.ts';
import { choosePort } from '@tenure/tools/embedded/ports.ts';
import { createToken } from '@tenure/tools/tenure/service-token.ts';
import { type BatchFeed, createBatchFeed, type ExportedRecord } from './batch-feed.ts';
import { type BatchOperator, createBatchOperator } from './batch-operator.ts';
import { differences, longTransactions, openCases, unsettled, userNameOf } from './check-end.ts';
import { writeConfiguration } from './configuration.ts';
import { type Installation, startInstallation } from './installation.ts';
import type { Life, LifeEnd } from './lives.ts';
import { createRandom, type Random } from './random.ts';
import { strike, type Strike } from './storm.ts';
import { startTargets, type Targets } from './targets.ts';
import { createProvider, createWorld, type World } from './world.ts';

// `npm run test:faults` is the long form; this is the short one unless the variable sets another size.
const nights = Math.max(3, Math.floor(Number(process.env['FAULTS_PEOPLE'] ?? 60) / 25));
const seed = String(jest.getSeed());
const kills = nights * 4;
const patience = 480_000 + nights * 10_000;

const begun = performance.now();
const say = (sentence: string): void =>
  void process.stdout.write(`[faults, batches ${((performance.now() - begun) / 1000).toFixed(1).padStart(5)} s] ${sentence}\n`);
const detail = process.env['FAULTS_VERBOSE'] ? say : (): void => undefined;

const random = createRandom(seed).stream('batches');
let home: string;
let targets: Targets;
let tenure: Installation;
let world: World;
let feed: BatchFeed;
let operator: BatchOperator;

beforeAll(async () => {
  say(`seed ${seed} (--seed=${seed} plays the same), ${nights} nights`);
  home = await mkdtemp(join(tmpdir(), 'tenure-faults-'));
  await chmod(home, 0o711); // PostgreSQL may run as another user
  const provider = createProvider();
  targets = await startTargets(random.stream('targets'), home, process.env['TENURE_TEST_DATABASE_URL'] ?? '');
  const ports = [await choosePort({ purpose: 'API 1' }), await choosePort({ purpose: 'API 2' })];
  const url = `http://127.0.0.1:${ports[0]}`;
  const configuration = join(home, 'configuration');
  await writeConfiguration(configuration, { url, metadata: provider.metadata, hasDirectory: slapdPath() !== null });
  await expectFewEnds(join(configuration, 'policy', 'access.yaml'));
  const pauses = random.stream('pauses');
  const downFor = (): number => pauses.whole(200, 2000);
  tenure = await startInstallation({
    home: join(home, 'tenure'),
    configuration,
    environment: targets.environment,
    ports,
    url,
    workers: 2,
    downFor,
    say: detail,
  });
  world = createWorld({ urls: tenure.urls, token: tenure.token, provider, patience });
  const context = { actor: { kind: 'system', id: 'faults' }, correlationId: 'faults', now: new Date().toISOString() } as const;
  const { token } = await tenure.store.transaction(context, (tx) => createToken(tx, { name: 'Operator', roles: ['operator'], days: 1 }));
  feed = createBatchFeed(world, tenure.token);
  operator = createBatchOperator(world, token);
}, 480_000);

afterAll(async () => {
  await tenure?.stop();
  await targets?.stop();
  if (home) await rm(home, { recursive: true, force: true });
}, 480_000);

/** Reduces the budget: three ends at once exceed it, so that every night waits for the operator. */
async function expectFewEnds(file: string): Promise<void> {
  const policy = await readFile(file, 'utf8');
  const changed = policy.replace('disable: { count: 100000, from: 100000 }', 'disable: { count: 2 }');
  expect(changed).not.toBe(policy);
  await writeFile(file, changed);
}

/** One night's export, and the operator's decisions about it; drawn before anything begins. */
interface Night {
  readonly staff: readonly string[];
  readonly leavers: readonly string[];
  readonly hires: readonly string[];
  /** Leavers whose end is approved by name. */
  readonly confirmed: readonly string[];
  /** One more leaver whom the next export names as active. */
  readonly corrected: string | null;
  readonly areHiresReleased: boolean;
  readonly rest: 'released' | 'discarded';
}

function drawNight(draw: Random, night: number): Night {
  const numbers = Array.from({ length: 12 }, (_, index) => `N-${String(night * 100 + index).padStart(5, '0')}`);
  const leavers = numbers.slice(0, 5);
  const confirmed = draw.shuffled(leavers).slice(0, draw.whole(1, 3));
  const corrected = draw.happens(0.5) ? (leavers.find((one) => !confirmed.includes(one)) ?? null) : null;
  return {
    staff: numbers.slice(0, 9),
    leavers,
    hires: numbers.slice(9),
    confirmed,
    corrected,
    areHiresReleased: draw.happens(0.7),
    rest: draw.pick(['released', 'discarded']),
  };
}

/** Expected final state of every identity. */
function livesOf({ staff, leavers, hires, confirmed, corrected, areHiresReleased, rest }: Night): readonly Life[] {
  const lifeOf = (number: string, end: LifeEnd): Life => ({ number, deeds: [], begins: 0, pauses: [], end });
  const active = (number: string): Life => lifeOf(number, { state: 'active', department: number === corrected ? 'Sales' : 'Finance', asserted: false });
  const hasEnded = (number: string): boolean => confirmed.includes(number) || (leavers.includes(number) && number !== corrected && rest === 'released');
  const here = areHiresReleased || rest === 'released' ? [...staff, ...hires] : staff;
  return here.map((number) => (hasEnded(number) ? lifeOf(number, { state: 'ended', accounts: 'disabled' }) : active(number)));
}

async function play(night: Night, index: number): Promise<void> {
  const { staff, leavers, hires, confirmed, corrected, areHiresReleased, rest } = night;
  const hired = (number: string): ExportedRecord => ({ number, version: 1, status: 'ACTIVE', department: 'Finance' });
  const first = await feed.send(`staff of night ${index}`, staff.map(hired));
  expect((await feed.settled(first)).status).toBe('APPROVED');
  const ended = leavers.map((number): ExportedRecord => ({ number, version: 2, status: 'ENDED', department: 'Finance' }));
  const id = await feed.send(`night ${index}`, [...staff.filter((one) => !leavers.includes(one)).map(hired), ...ended, ...hires.map(hired)]);
  expect((await feed.settled(id)).status).toBe('WAITS_FOR_APPROVAL');
  const identityIds = await Promise.all(confirmed.map(idOf));
  // At the moment at which it begins to wait for approval, and while workers that carry it out are killed.
  expect(await operator.release(id, { identityIds })).toBe(confirmed.length);
  if (areHiresReleased) expect(await operator.release(id, { kinds: ['CREATE', 'GAIN'] })).toBe(hires.length);
  if (corrected !== null) {
    const next = await feed.send(`correction of night ${index}`, [{ number: corrected, version: 3, status: 'ACTIVE', department: 'Sales' }]);
    expect((await feed.settled(next)).status).toBe('APPROVED');
  }
  const isLeft = leavers.length > confirmed.length + (corrected === null ? 0 : 1) || !areHiresReleased;
  if (isLeft && rest === 'released') await operator.release(id, null);
  if (isLeft && rest === 'discarded') await operator.discard(id);
}

const idOf = (number: string): Promise<string> =>
  world.persistently(`identity of ${number}`, async () => (await tenure.store.read((tx) => tx.identities.byUserName(userNameOf(number))))?.id ?? null);

/** Draws kills, mostly of workers: one in the middle of an approved batch loses its work. */
function drawKills(draw: Random): readonly Strike[] {
  return Array.from({ length: kills }, () => ({
    kind: draw.pick(['worker', 'worker', 'worker', 'worker', 'worker', 'temporal', 'api', 'postgres']),
    which: draw.whole(0, 1),
    after: draw.whole(500, 3000),
  }));
}

test(
  'batches released in part and while the worker is killed: each is carried out, and the targets are as the operator and the newest export say',
  async () => {
    const plan = Array.from({ length: nights }, (_, index) => drawNight(random.stream(`night ${index}`), index + 1));
    const lives = plan.flatMap(livesOf);
    const strikes = drawKills(random.stream('kills'));
    const [struck] = await Promise.all([strike(tenure.parts, strikes, detail), ...plan.map(play)]).catch(async (error: unknown) => {
      for (const line of await longTransactions(tenure.databaseUrl).catch(() => [])) say(`held: ${line}`);
      throw error;
    });
    say(`${struck.length} kills (${struck.join(', ')}), ${world.repeated()} requests had to be made again`);

    const calm = performance.now();
    let left: unknown = null;
    await eventually(
      'everything to settle',
      async () => {
        left = [await undone(), await unsettled(tenure.databaseUrl), await differences(lives, targets)];
        return JSON.stringify(left) === '[[],{},[]]' ? true : null;
      },
      patience,
      400, // each look opens connections and reads every target
    ).catch((error: unknown) => {
      throw new Error(`${String(error)}: ${JSON.stringify(left)}`);
    });
    say(`all has settled ${((performance.now() - calm) / 1000).toFixed(1)} s after the last of it`);
    expect(await differences(lives, targets)).toEqual([]);
    expect(await undone()).toEqual([]);
    expect(await openCases(tenure.store)).toEqual([]);
    expect((await tenure.store.read((tx) => tx.audit.verify())).problems).toEqual([]);
  },
  patience * 3,
);

/** Batches that were approved and are not finished, and items that wait in batches that are. */
async function undone(): Promise<readonly string[]> {
  const rows = await ask<{ line: string }>(
    tenure.databaseUrl,
    `select format('%s %s %s', w.id, w.standing, count(i.key) filter (where i.result = 'pending')) as line from wave w left join batch_item i on i.batch_id = w.id
       group by w.id having w.standing = 'held' or (w.standing = 'free' and w.finished_at is null) or count(i.key) filter (where i.result = 'pending') > 0`,
  );
  return rows.map(({ line }) => line);
}
