import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '../demo/eventually.ts';
import { slapdPath } from '../demo/targets/index.ts';
import { choosePort } from '../tools/embedded/ports.ts';
import { type Acknowledged, differences, lostOrDoubled, openCases, unsettled } from './check-end.ts';
import { writeConfiguration } from './configuration.ts';
import { type Installation, startInstallation } from './installation.ts';
import { type Deed, drawLives, type Life } from './lives.ts';
import { createRandom } from './random.ts';
import { drawStrikes, strike } from './storm.ts';
import { startTargets, type Targets } from './targets.ts';
import { createProvider, createWorld, type World } from './world.ts';

// `npm run test:faults` is the long form; this is the short one unless it says otherwise.
const count = Number(process.env['FAULTS_LIVES'] ?? 100);
const rounds = Number(process.env['FAULTS_ROUNDS'] ?? 2);
const seed = process.env['FAULTS_SEED'] ?? randomBytes(4).toString('hex');
/** Milliseconds over which lives begin and go on; as long as the killing takes, roughly. */
const within = Math.max(rounds * 4 * 3_500, count * 150);
const patience = 180_000 + within;

const begun = performance.now();
const say = (sentence: string): void => void process.stdout.write(`[faults ${((performance.now() - begun) / 1000).toFixed(1).padStart(5)} s] ${sentence}\n`);
const detail = process.env['FAULTS_VERBOSE'] ? say : (): void => undefined;

const random = createRandom(seed);
let home: string;
let targets: Targets;
let tenure: Installation;
let world: World;

beforeAll(async () => {
  say(`seed ${seed} (FAULTS_SEED=${seed} plays the same), ${count} lives`);
  home = await mkdtemp(join(tmpdir(), 'tenure-faults-'));
  await chmod(home, 0o711); // PostgreSQL may run as another user
  const provider = createProvider();
  targets = await startTargets(random.stream('targets'), home, process.env['TENURE_TEST_DATABASE_URL'] ?? '');
  const ports = [await choosePort({ purpose: 'API 1' }), await choosePort({ purpose: 'API 2' })];
  const url = `http://127.0.0.1:${ports[0]}`;
  const configuration = join(home, 'configuration');
  await writeConfiguration(configuration, { url, metadata: provider.metadata, hasDirectory: slapdPath() !== null });
  const pauses = random.stream('pauses');
  tenure = await startInstallation({
    home: join(home, 'tenure'),
    configuration,
    environment: targets.environment,
    ports,
    url,
    workers: 2,
    downFor: () => pauses.whole(200, 3000),
    say: detail,
  });
  world = createWorld({ urls: tenure.urls, token: tenure.token, provider, patience: 120_000 });
  say(`two APIs, two workers, PostgreSQL, Temporal and ${targets.names.length} targets are up`);
}, 180_000);

afterAll(async () => {
  await tenure?.stop();
  await targets?.stop();
  if (home) await rm(home, { recursive: true, force: true });
}, 120_000);

test(
  'every part is killed again and again, every target misbehaves, and each life ends as its facts say',
  async () => {
    const lives = drawLives(random.stream('lives'), count, within);
    const strikes = drawStrikes(random.stream('strikes'), rounds, [1500, 5000]);
    const acknowledged: Acknowledged[] = [];
    targets.misbehave();
    const [struck] = await Promise.all([strike(tenure.parts, strikes, detail), ...lives.map((life) => play(life, acknowledged))]);
    say(
      `${struck.length} kills (${struck.join(', ')}); ${lives.flatMap(({ deeds }) => deeds).length} deeds, ${world.repeated()} requests had to be made again`,
    );
    say(`targets played ${[...targets.played].map(([what, times]) => `${times} × ${what}`).join(', ')}`);
    await targets.behave();

    const calm = performance.now();
    let left: unknown = null;
    await eventually(
      'everything to settle',
      async () => {
        left = await unsettled(tenure.databaseUrl).catch((error: unknown) => ({ error: String(error) }));
        if (Object.keys(left as object).length > 0) return null;
        left = await differences(lives, targets);
        return (left as readonly string[]).length === 0 ? true : null;
      },
      patience,
    ).catch((error: unknown) => {
      throw new Error(`${String(error)}: ${JSON.stringify(left)}`);
    });
    say(`all has settled ${((performance.now() - calm) / 1000).toFixed(1)} s after the last of it`);

    expect(await differences(lives, targets)).toEqual([]);
    expect(await unsettled(tenure.databaseUrl)).toEqual({});
    expect(await lostOrDoubled(tenure.databaseUrl, acknowledged)).toEqual([]);
    expect(await openCases(tenure.store)).toEqual([]);
    expect((await tenure.store.read((tx) => tx.audit.verify())).problems).toEqual([]);
    say(`starts in ms: ${[...tenure.starts].map(([kind, times]) => `${kind} ${times.join(' ')}`).join('; ')}`);
    say(`gave up by themselves: ${tenure.gaveUp.length}${tenure.gaveUp.length > 0 ? ` (${[...new Set(tenure.gaveUp)].join('; ').slice(0, 2000)})` : ''}`);
    for (const [text, times] of tenure.complaints) detail(`logged ${times} × ${text}`);
  },
  patience * 2,
);

async function play({ number, deeds, begins, pauses }: Life, acknowledged: Acknowledged[]): Promise<void> {
  await pause(begins);
  for (const [index, deed] of deeds.entries()) {
    await pause(pauses[index] ?? 0);
    await doIt(number, deed, acknowledged);
  }
}

async function doIt(number: string, deed: Deed, acknowledged: Acknowledged[]): Promise<void> {
  if (deed.kind === 'login') {
    const answer = await world.logIn(number, deed);
    // A contract may have run out before the answer came through.
    if (deed.contractEnds === null) expect([number, answer]).toEqual([number, deed.isLetIn ? 'in' : 'refused']);
    return;
  }
  const outcome = await world.record(number, deed);
  // The first answer may have been lost: then it was taken already.
  expect([number, deed.isNews ? ['created', 'updated', 'unchanged'] : ['stale', 'unchanged']]).toEqual([number, expect.arrayContaining([outcome])]);
  if (deed.isNews) acknowledged.push({ number, version: deed.version });
}
