import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { eventually } from '@tenure/testing/eventually.ts';
import { loadConfiguration } from '@tenure/config';
import { createEngine } from '@tenure/engine/decide';
import { slapdPath } from '@tenure/testing/targets/index.ts';
import { choosePort } from '@tenure/tools/embedded/ports.ts';
import { ask } from './ask.ts';
import { aboutFindings, differencesOfHandMade, openFindings, runOf, verdicts, wronglyRemoved } from './check-meddling.ts';
import { isMadeByHand } from './account-there.ts';
import type { Lie } from './hands.ts';
import { commonGroup, drawMeddling, type FinishedRun, lie, meddle, reconcileAtRandom, reconciled } from './meddling.ts';
import { endQuarantine, hurryQuarantine, wronglyQuarantined } from './quarantine.ts';
import { createGraphqlClient } from '@tenure/testing/graphql-client.ts';
import { askAndApprove, differencesOfRequests, drawAskers, hireApprovers, livesOfAskers } from './approvals.ts';
import { drawMoves, moveEntryOf } from './by-hand.ts';
import { type Acknowledged, differences, longTransactions, lostOrDoubled, openCases, unsettled, userNameOf } from './check-end.ts';
import { differencesOfTold, skipPauses, untold } from './check-told.ts';
import { differencesOfVerdicts, unsettledAccounts } from './check-verdicts.ts';
import { protectedNames, type TargetName, writeConfiguration } from './configuration.ts';
import { dialectNames, dialectOf, shortDialects } from './dialects.ts';
import { type Installation, startInstallation, workerName } from './installation.ts';
import { type Deed, drawLives, type Life, type LifeEnd } from './lives.ts';
import { type AccountInCrm, accountsInCrm, orderOfChanges } from './outage.ts';
import { createRandom } from './random.ts';
import { type Receivers, startReceivers } from './receivers.ts';
import { type Applications, differencesOfSessions, enterAndLeave, skipLogoutPauses, startApplications, untoldSessions } from './sessions.ts';
import { livesThatRun, skipTime } from './skip-time.ts';
import { drawStrikes, strike } from './storm.ts';
import { startTargets, type Targets } from './targets.ts';
import { createProvider, createWorld, type World } from './world.ts';

// `npm run test:faults` is the long form, in which all dialects of targets are played; this is the short one unless the variable sets another size.
const count = Number(process.env['FAULTS_PEOPLE'] ?? 60);
const rounds = Number(process.env['FAULTS_ROUNDS'] ?? 2);
const seed = String(jest.getSeed());
const isLong = count > 100;
/** True: targets are changed by hand, their listings lie, and they are reconciled. In the short form only with FAULTS_MEDDLING=yes. */
const meddles = isLong || process.env['FAULTS_MEDDLING'] === 'yes';
/** Milliseconds: each look opens connections and reads every target, on the cores that the tested processes need too. */
const betweenLooks = 400;
const chosen = process.env['FAULTS_DIALECT'] ?? createRandom(seed).stream('dialect').pick(shortDialects);
const begun = performance.now();
const say = (sentence: string): void => void process.stdout.write(`[faults ${((performance.now() - begun) / 1000).toFixed(1).padStart(5)} s] ${sentence}\n`);
const detail = process.env['FAULTS_VERBOSE'] ? say : (): void => undefined;

if (chosen === 'all') {
  // The one in which the targets change takes long; each of the others is a storm of its own.
  for (const name of dialectNames) play(name, name === 'changes' ? { count, rounds } : { count: Math.min(count, 100), rounds: Math.min(rounds, 2) });
} else {
  play(chosen, { count, rounds });
}

/** One storm over an installation of its own, whose targets speak this dialect. */
function play(name: string, { count, rounds }: { readonly count: number; readonly rounds: number }): void {
  describe(`targets that speak the dialect ${name}`, () => {
    const random = createRandom(seed);
    const dialect = dialectOf(name, random.stream('dialects'));
    /** Number of people who leave while the CRM is away, and its minutes: in the short form not the whole hour, since each attempt is really made. */
    const [leaving, outage] = count > 100 ? [4, 60] : [3, 3];
    /** Milliseconds over which the people's events begin and continue; as long as the kills take, roughly. */
    const within = Math.max(rounds * 4 * 3_500, count * 150);
    // The last request of a killed writer may arrive late: people whose memberships were written meanwhile are read again before the outage, which
    // would make cases of them.
    const waitsForDoubts = isLong || dialect.crm.killsWriters === true;
    const patience = (dialect.crm.killsWriters === true ? 720_000 : 480_000) + within;
    let home: string;
    let targets: Targets;
    let receivers: Receivers;
    let applications: Applications;
    let tenure: Installation;
    let world: World;

    beforeAll(async () => {
      say(`seed ${seed}, dialect ${name} (FAULTS_DIALECT=${name} and --seed=${seed} play the same), ${count} lives`);
      home = await mkdtemp(join(tmpdir(), 'tenure-faults-'));
      await chmod(home, 0o711); // PostgreSQL may run as another user
      const provider = createProvider();
      targets = await startTargets(random.stream('targets'), home, process.env['TENURE_TEST_DATABASE_URL'] ?? '', dialect);
      for (const target of targets.names) for (const name of Object.values(protectedNames)) await targets.hands(target)?.create(name, commonGroup(target));
      receivers = await startReceivers();
      receivers.hang();
      applications = await startApplications(random.stream('applications'));
      const ports = [await choosePort({ purpose: 'API 1' }), await choosePort({ purpose: 'API 2' })];
      const url = `http://127.0.0.1:${ports[0]}`;
      const configuration = join(home, 'configuration');
      await writeConfiguration(configuration, { url, metadata: provider.metadata, hasDirectory: slapdPath() !== null, tells: true, more: applications.yaml });
      const pauses = random.stream('pauses');
      tenure = await startInstallation({
        home: join(home, 'tenure'),
        configuration,
        environment: { ...targets.environment, ...receivers.environment },
        environmentOf: targets.environmentOf,
        ports,
        url,
        workers: 2,
        downFor: () => pauses.whole(200, 3000),
        say: detail,
      });
      world = createWorld({ urls: tenure.urls, token: tenure.token, provider, patience });
      say(`two APIs, two workers, PostgreSQL, Temporal and ${targets.names.length} targets are up`);
    }, 480_000);

    afterAll(async () => {
      await tenure?.stop();
      await targets?.stop();
      await receivers?.stop();
      await applications?.stop();
      if (home) await rm(home, { recursive: true, force: true });
    }, 480_000);

    const askers = drawAskers(random.stream('askers'), Math.max(4, Math.floor(count / 25)), Math.floor(within * 0.6));
    const born = drawLives(random.stream('lives'), count, within);
    const lives = [...born, ...livesOfAskers(askers)];
    /** Expected final state of everybody after the last test. */
    let standing: readonly Life[] = lives;
    /** Expected cases of findings; `null`: targets were not reconciled. */
    let found: readonly string[] | null = null;
    const moves = dialect.directory.includes('moves') && slapdPath() !== null ? drawMoves(random.stream('moves'), born, Math.ceil(count / 20)) : new Map();

    /** Waits until nothing is under way, every target is in the expected state, and Tenure's conclusions about the targets are right. */
    async function settled(all: readonly Life[], within = patience): Promise<void> {
      let left: unknown = null;
      let told = '';
      await eventually(
        'everything to settle',
        async () => {
          if (JSON.stringify(left) !== told) detail(`left: ${JSON.stringify(left).slice(0, 500)}`);
          told = JSON.stringify(left);
          left = await unsettled(tenure.databaseUrl, waitsForDoubts).catch((error: unknown) => ({ error: String(error) }));
          if (Object.keys(left as object).length > 0) return null;
          left = [...(await differences(all, targets)), ...(await differencesOfVerdicts(tenure.databaseUrl, tenure.store, targets, all, found))];
          return (left as readonly string[]).length === 0 ? true : null;
        },
        within,
        betweenLooks,
      ).catch(async (error: unknown) => {
        for (const line of await unsettledAccounts(tenure.databaseUrl, tenure.temporalAddress).catch(() => [])) say(`not settled: ${line}`);
        for (const [text, times] of tenure.complaints) say(`logged ${times} × ${text}`);
        throw new Error(`${String(error)}: ${JSON.stringify(left)}; transactions: ${(await longTransactions(tenure.databaseUrl)).join('; ')}`);
      });
    }

    test(
      'every part is killed again and again, every target misbehaves, and each life ends as its facts say',
      async () => {
        const strikes = drawStrikes(random.stream('strikes'), rounds, [1500, 5000]);
        const acknowledged: Acknowledged[] = [];
        targets.misbehave();
        targets.killWriters({ times: rounds, late: isLong ? 25_000 : null, kill: killWriter });
        await hireApprovers(world);
        const asking = askers.map(async (asker) => {
          await pause(asker.begins);
          await askAndApprove(world, tenure.store, asker);
        });
        const living = born.map((life) => live(life, acknowledged));
        let isStorm = meddles;
        let isRaging = true;
        const goesOn = (): boolean => isStorm;
        applications.misbehave();
        const entering = enterAndLeave(await entrants(), random.stream('entries'), () => isRaging);
        const draw = random.stream('meddling');
        const lying = lie(draw.stream('lies'), targets.hands, targets.names, goesOn);
        const reconciling = reconcileAtRandom(draw.stream('runs'), targets.names, (target) => requestRun(target, false), goesOn);
        const meddling = meddle(meddles ? drawMeddling(draw, born, targets.names, dialect) : [], targets.hands, within, goesOn);
        const [struck] = await Promise.all([strike(tenure.parts, strikes, detail), targets.goOn(within), ...living, ...asking]).catch(
          async (error: unknown) => {
            for (const line of await longTransactions(tenure.databaseUrl).catch(() => [])) say(`held: ${line}`);
            throw error;
          },
        );
        say(
          `${struck.length} kills (${struck.join(', ')}); ${lives.flatMap(({ deeds }) => deeds).length} deeds, ${world.repeated()} requests had to be made again`,
        );
        say(`targets played ${[...targets.played].map(([what, times]) => `${times} × ${what}`).join(', ')}`);
        isStorm = false;
        isRaging = false;
        const { entries, logouts } = await entering;
        say(`${entries} entries into applications, ${logouts} logouts; the wiki was told ${applications.taken.length} times`);
        expect(entries).toBeGreaterThan(0);
        applications.behave();
        const byHand = Object.entries(Object.groupBy(await meddling, ({ kind }) => kind)).map(([kind, all]) => `${all.length} × ${kind}`);
        if (meddles) say(`by hand: ${byHand.join(', ')}; lies: ${JSON.stringify(await lying)}; ${await reconciling} requests to reconcile a target`);
        if (moves.size > 0) say(`entries were moved by hand: ${[...moves.keys()].map(userNameOf).join(', ')}`);
        await targets.behave();
        if (meddles) {
          const runs = await Promise.all(targets.names.map(reconcileUntilRight));
          say(`after ${runs.join(', ')} more runs ${targets.names.join(', ')} are as policy says; all runs: ${await verdicts(tenure.databaseUrl)}`);
          found = [];
        }

        const [calm, asked] = [performance.now(), targets.crm.seen.length];
        await settled(lives);
        say(
          `all has settled ${((performance.now() - calm) / 1000).toFixed(1)} s after the last of it, with ${targets.crm.seen.length - asked} requests to the CRM`,
        );

        expect(await differences(lives, targets)).toEqual([]);
        if (meddles) expect(await differencesOfHandMade(targets, 'quarantined')).toEqual([]);
        expect([await wronglyRemoved(targets, lives), await wronglyQuarantined(tenure.databaseUrl)]).toEqual([[], []]);
        expect(await differencesOfRequests(tenure.store, askers)).toEqual([]);
        expect(await differencesOfVerdicts(tenure.databaseUrl, tenure.store, targets, lives, found)).toEqual([]);
        expect(await lostOrDoubled(tenure.databaseUrl, acknowledged)).toEqual([]);
        expect((await tenure.store.read((tx) => tx.audit.verify())).problems).toEqual([]);
        // Mail was not available all the time, and webhooks have not waited for it; deliveries that a worker had in hand when it was killed are
        // another's later.
        const due = await eventually(
          'webhooks to be called while the mail server hangs',
          async () => {
            const { webhook = 0, unplanned = 0 } = await untold(tenure.databaseUrl, 'due');
            return webhook + unplanned === 0 ? untold(tenure.databaseUrl, 'all') : null;
          },
          patience,
        );
        say(`webhooks were called ${receivers.told.webhook().length} times while ${due['mail'] ?? 0} mails waited`);
        expect([receivers.told.mail(), receivers.told.webhook().length > 0, (due['mail'] ?? 0) > 0]).toEqual([[], true, true]);
        say(`open cases: ${(await openCases(tenure.store)).map(({ key }) => key).join(', ') || 'none'}`);
        say(`starts in ms: ${[...tenure.starts].map(([kind, times]) => `${kind} ${times.join(' ')}`).join('; ')}`);
        say(`gave up by themselves: ${tenure.gaveUp.length}${tenure.gaveUp.length > 0 ? ` (${[...new Set(tenure.gaveUp)].join('; ').slice(0, 2000)})` : ''}`);
        for (const [text, times] of tenure.complaints) detail(`logged ${times} × ${text}`);
      },
      patience * 2,
    );

    if (meddles) {
      test(
        'accounts of nobody come back from quarantine, are deleted after their grace, or are left to a person',
        async () => {
          const endIn = (target: TargetName, hands = targets.hands(target)): Promise<void> =>
            hands === null ? Promise.resolve() : endQuarantine(tenure.databaseUrl, target, { hands, restore: restoreAccount, patience });
          await Promise.all(targets.names.map((target) => endIn(target)));
          await Promise.all(targets.names.map((target) => runUntilComplete(target)));
          found = targets.names.flatMap((target) => [`reconciliation-findings/${target}/orphan-account/`, `quarantine-failed/${target}/enabled`]);
          await settled(lives);
          expect(await differencesOfHandMade(targets, 'ended')).toEqual([]);
          expect([await wronglyRemoved(targets, lives), await wronglyQuarantined(tenure.databaseUrl)]).toEqual([[], []]);
        },
        patience * 2,
      );
    }

    if (meddles) {
      test(
        'a listing that leaves out accounts, or shows old ones, changes nothing in any target',
        async () => {
          const hired = { kind: 'record', version: 1, department: 'Sales', userType: 'employee', status: 'ACTIVE', isNews: true } as const;
          const active = { state: 'active', department: 'Sales', asserted: false } as const;
          const [leaver, mover] = ['D-00001', 'D-00002'] as const;
          await Promise.all([leaver, mover].map((number) => world.record(number, hired)));
          await settled([...standing, ...[leaver, mover].map((number) => lifeOf(number, active))]);
          await tell({ kind: 'shows-old' });
          await Promise.all([
            world.record(leaver, { ...hired, version: 2, status: 'ENDED' }),
            world.record(mover, { ...hired, version: 2, department: 'Finance' }),
          ]);
          standing = [...standing, lifeOf(leaver, { state: 'ended', accounts: 'disabled' }), lifeOf(mover, { ...active, department: 'Finance' })];
          await settled(standing);
          const before = await everything();
          const reads: string[] = [];
          const read = async (lie: string): Promise<void> => {
            const runs = await Promise.all(targets.names.map((target) => runOnce(target)));
            reads.push(...runs.map(({ verdict, reasons }, index) => `${targets.names[index]} ${lie}: ${[verdict, ...reasons].join(' ')}`));
          };
          await read('shows old ones');
          const known = userNameOf(mover);
          const lies: readonly (readonly [string, (userName: string) => boolean])[] = [
            ['lacks one', (userName) => userName === known],
            ['lacks all', () => true],
            // Nothing betrays that.
            ['lacks accounts of nobody', (userName) => isMadeByHand({ userName })],
          ];
          for (const [lie, isLeftOut] of lies) {
            await tell({ kind: 'leaves-out', isLeftOut });
            await read(lie);
          }
          await tell(null);
          say(reads.join(', '));
          const believed = reads.filter((line) => / lacks (one|all): complete/.test(line));
          expect(believed).toEqual([]);
          await Promise.all(targets.names.map((target) => runUntilComplete(target)));
          await settled(standing);
          expect(await everything()).toEqual(before);
          expect(await differencesOfHandMade(targets, 'ended')).toEqual([]);
        },
        patience * 3,
      );
    }

    test(
      'a target that is down for an hour is caught up by itself, leavers first',
      async () => {
        const [leavers, stayers] = [numbered('L', leaving), numbered('S', leaving * 3)];
        const hired = { kind: 'record', version: 1, department: 'Sales', userType: 'employee', status: 'ACTIVE', isNews: true } as const;
        const active = { state: 'active', department: 'Sales', asserted: false } as const;
        await Promise.all([...leavers, ...stayers].map((number) => world.record(number, hired)));
        const before = [...standing, ...[...leavers, ...stayers].map((number) => lifeOf(number, active))];
        await settled(before);
        const known = new Set((await openCases(tenure.store)).map(({ key }) => key));

        targets.crm.play({ kind: 'dropped' });
        await Promise.all([
          ...leavers.map((number) => world.record(number, { ...hired, version: 2, status: 'ENDED' })),
          ...stayers.map((number) => world.record(number, { ...hired, version: 2, department: 'Finance' })),
        ]);
        const look = (): Promise<readonly AccountInCrm[]> => accountsInCrm(tenure.databaseUrl, [...leavers, ...stayers].map(userNameOf));
        const accounts = await eventually(
          'everybody to have been tried in vain',
          async () => {
            const found = await look();
            // The lifecycle workflows of leavers are signalled a moment after the first attempts: it is their time that passes quickly.
            const { outbox = 0 } = await unsettled(tenure.databaseUrl);
            return outbox === 0 && found.every(({ attempts }) => attempts > 1) ? found : null;
          },
          patience,
          betweenLooks,
        );
        const begun = performance.now();
        await skipTime(
          tenure.temporalAddress,
          accounts.map(({ identityId }) => identityId),
          outage,
          patience * 3,
        );
        const tries = (await look()).map(({ attempts }) => attempts);
        say(
          `the CRM was away for ${outage} minutes, in ${((performance.now() - begun) / 1000).toFixed(1)} s; each change tried ${Math.min(...tries)} to ${Math.max(...tries)} times`,
        );
        // An end that is not confirmed in time has a case for operators, until it is.
        const opened = (await openCases(tenure.store)).filter(({ key, target }) => target === 'crm' && !known.has(key));
        const ofTarget = opened.filter(({ key }) => key === 'target-refuses/crm');
        expect(opened.filter((found) => !ofTarget.includes(found)).map(({ kind, target }) => [kind, target])).toEqual(
          leavers.map(() => ['end-not-confirmed', 'crm']),
        );
        // The target as a whole has one case at most: whether its connection has been tested by now is random.
        expect(ofTarget.length).toBeLessThan(2);

        const from = targets.crm.seen.length;
        targets.crm.behave();
        standing = [
          ...standing,
          ...leavers.map((number) => lifeOf(number, { state: 'ended', accounts: 'disabled' })),
          ...stayers.map((number) => lifeOf(number, { ...active, department: 'Finance' })),
        ];
        await settled(standing);
        const order = orderOfChanges(targets.crm.seen, from, accounts);
        const places = leavers.map((number) => order.indexOf(userNameOf(number)) + 1).sort((a, b) => a - b);
        say(`caught up: leavers were number ${places.join(', ')} of ${order.length}`);
        expect(order).toHaveLength(leavers.length + stayers.length);
        // A person whose account was being worked on at the very moment may come in between.
        expect(places.at(-1)).toBeLessThanOrEqual(leavers.length + stayers.length / 2);
      },
      patience * 5,
    );

    test(
      'leavers are closed while far more is recorded than can be carried',
      async () => {
        const hired = { kind: 'record', version: 1, department: 'Sales', userType: 'employee', status: 'ACTIVE', isNews: true } as const;
        const [leavers, others] = [numbered('O', isLong ? 40 : 10), numbered('C', isLong ? 1000 : 200)];
        await Promise.all(others.map((number) => world.record(number, hired)));
        // People who are hired last and leave at once are behind all the others, and so are their workflows.
        await Promise.all(leavers.map((number) => world.record(number, hired)));
        await Promise.all(leavers.map((number) => world.record(number, { ...hired, version: 2, status: 'ENDED' })));
        const ended = performance.now();
        const areClosed = async (): Promise<boolean> => (await accountsOf(leavers)).every(({ isConfirmed, state }) => isConfirmed && state !== 'enabled');
        await eventually('every leaver to be closed', async () => (await areClosed()) || null, patience, betweenLooks);
        const left = (await accountsOf(others)).filter(({ isConfirmed }) => !isConfirmed).length;
        say(
          `${leavers.length} leavers were closed within ${((performance.now() - ended) / 1000).toFixed(1)} s; ${left} accounts of ${others.length} others were not done`,
        );
        expect(left).toBeGreaterThan(0);
        const active = { state: 'active', department: 'Sales', asserted: false } as const;
        standing = [
          ...standing,
          ...leavers.map((number) => lifeOf(number, { state: 'ended', accounts: 'disabled' })),
          ...others.map((number) => lifeOf(number, active)),
        ];
        await settled(standing, patience * (isLong ? 4 : 2));
      },
      patience * (isLong ? 7 : 4),
    );

    // Workers detect by themselves that their namespace is gone, and end, which takes a minute or two.
    if (isLong) {
      test(
        'a Temporal that has lost its store, and was started by somebody else, is made fit for lives again, and all of them go on',
        async () => {
          const hired = { kind: 'record', version: 1, department: 'Sales', userType: 'employee', status: 'ACTIVE', isNews: true } as const;
          const [leavers, movers, others] = [numbered('TL', 5), numbered('TM', 5), numbered('TO', 5)];
          await Promise.all([...leavers, ...movers].map((number) => world.record(number, hired)));
          const active = { state: 'active', department: 'Sales', asserted: false } as const;
          await settled([...standing, ...[...leavers, ...movers].map((number) => lifeOf(number, active))]);

          await tenure.loseTemporalStore();
          const begun = performance.now();
          await Promise.all([
            ...leavers.map((number) => world.record(number, { ...hired, version: 2, status: 'ENDED' })),
            ...movers.map((number) => world.record(number, { ...hired, version: 2, department: 'Finance' })),
            ...others.map((number) => world.record(number, hired)),
          ]);
          standing = [
            ...standing,
            ...leavers.map((number) => lifeOf(number, { state: 'ended', accounts: 'disabled' })),
            ...movers.map((number) => lifeOf(number, { ...active, department: 'Finance' })),
            ...others.map((number) => lifeOf(number, active)),
          ];
          await settled(standing);
          const rows = await ask<{ id: string }>(tenure.databaseUrl, 'select id from identity where next_wake_up is not null');
          const asleep = rows.map(({ id }) => id);
          await eventually('all lives to run', async () => ((await livesThatRun(tenure.temporalAddress, asleep)) === asleep.length ? true : null), patience);
          say(`Temporal had lost its store: all was caught up after ${((performance.now() - begun) / 1000).toFixed(1)} s, ${asleep.length} lives sleep again`);
          expect(asleep.length).toBeGreaterThan(0);
        },
        patience * 4,
      );
    }

    test(
      'every process that is left is healthy and stops within its bound, and everybody was told of everything once and in order',
      async () => {
        const ready = async (): Promise<true | null> => ((await tenure.notReady().catch((error: unknown) => [String(error)])).length === 0 ? true : null);
        await eventually('every process to be ready', ready, patience);
        // The mail server still hangs: work under way there prevents nothing from stopping.
        expect(await tenure.end('worker')).toEqual([]);
        receivers.answer();
        await skipPauses(tenure.databaseUrl);
        await skipLogoutPauses(tenure.databaseUrl);
        await tenure.startWorkers();
        await eventually(
          'everything to be told',
          async () => (Object.keys(await untold(tenure.databaseUrl, 'all')).length === 0 ? true : null),
          patience,
        ).catch(async (error: unknown) => {
          throw new Error(`${String(error)}: ${JSON.stringify(await untold(tenure.databaseUrl, 'all'))}`);
        });
        await eventually('applications to be told of every end', async () => ((await untoldSessions(tenure.databaseUrl)) === 0 ? true : null), patience);
        expect(await differencesOfSessions(tenure.databaseUrl, applications)).toEqual([]);
        say(`told: ${receivers.told.mail().length} mails, ${receivers.told.webhook().length} calls`);
        expect(await differencesOfTold(tenure.databaseUrl, receivers)).toEqual([]);
        await eventually('every process to be ready', ready, patience);
        expect([...(await tenure.end('worker')), ...(await tenure.end('api'))]).toEqual([]);
      },
      patience * 3,
    );

    /** What it takes to enter applications by the engine, as the protocols do. */
    async function entrants() {
      const configuration = await loadConfiguration({
        directory: join(home, 'configuration'),
        environment: { ...targets.environment, ...receivers.environment },
      });
      return { store: tenure.store, engine: createEngine({ configuration }), databaseUrl: tenure.databaseUrl };
    }

    const operate = <T>(what: string, mutation: string, variables: Readonly<Record<string, unknown>>): Promise<T> =>
      world.persistently(what, (url) => createGraphqlClient({ url, token: tenure.operatorToken }).ask<T>(mutation, variables));

    const restoreAccount = (id: string): Promise<unknown> =>
      operate(`the restoration of ${id}`, 'mutation ($id: ID!) { restoreAccount(id: $id, reason: "Fault test") { state } }', { id });

    async function requestRun(target: TargetName, expectFewer: boolean): Promise<string> {
      const mutation =
        'mutation ($target: String!, $expectFewer: Boolean!) { reconcileTarget(target: $target, reason: "Fault test", expectFewer: $expectFewer) { id } }';
      const { reconcileTarget } = await operate<{ reconcileTarget: { id: string } }>(`a run of ${target}`, mutation, { target, expectFewer });
      return reconcileTarget.id;
    }

    /** Has each target tell a lie, if it can; the others tell the truth. */
    async function tell(lie: Lie | null): Promise<void> {
      for (const target of targets.names) {
        const hands = targets.hands(target);
        await hands?.tell(lie !== null && hands.lies.includes(lie.kind) ? lie : null);
      }
    }

    /** All accounts of all targets, and the removals through Tenure. */
    const everything = (): Promise<unknown> =>
      Promise.all(
        targets.names.map(async (target) => [
          target,
          [...(await targets.accounts(target))].sort((a, b) => (a.userName < b.userName ? -1 : 1)),
          await targets.removed(target),
        ]),
      );

    const runOnce = (target: TargetName, expectsFewer = false): Promise<FinishedRun> =>
      reconciled(
        () => requestRun(target, expectsFewer),
        (id) => runOf(tenure.databaseUrl, id),
        patience,
      );

    /** Requests runs of a target until one is complete, and `isRight` as well. Accounts that were removed by hand are no reason to doubt the listing. @returns number of runs */
    async function runUntilComplete(target: TargetName, isRight: () => Promise<readonly string[]> = async () => []): Promise<number> {
      let left: unknown = null;
      let runs = 0;
      await eventually(
        `a complete run of ${target} without findings`,
        async () => {
          const run = await runOnce(target, true);
          runs += 1;
          const wrong = await isRight();
          if (JSON.stringify(left) !== JSON.stringify({ run, wrong })) detail(`${target}: ${JSON.stringify({ run, wrong })}`);
          left = { run, wrong };
          return run.verdict === 'complete' && wrong.length === 0 ? true : null;
        },
        patience,
        betweenLooks,
      ).catch(async (error: unknown) => {
        for (const line of await aboutFindings(tenure.databaseUrl, target)) say(`not corrected: ${line}`);
        throw new Error(`${String(error)}: ${JSON.stringify(left)}`);
      });
      return runs;
    }

    /** Reconciles a target until a complete run finds nothing more to correct. @returns number of runs */
    const reconcileUntilRight = (target: TargetName): Promise<number> =>
      runUntilComplete(target, async () => {
        await hurryQuarantine(tenure.databaseUrl);
        return openFindings(tenure.databaseUrl, target, dialect);
      });

    const accountsOf = (numbers: readonly string[]) =>
      ask<{ isConfirmed: boolean; state: string }>(
        tenure.databaseUrl,
        `select confirmed_at is not null as "isConfirmed", desired->>'state' as state from account where user_name = any($1)`,
        [numbers.map(userNameOf)],
      );

    function killWriter(index: number): void {
      const isKilled = tenure.parts.find((part) => part.name === workerName(index))?.kill() ?? false;
      if (isKilled) say(`${workerName(index)} is killed while it writes a whole group.`);
    }

    async function live({ number, deeds, begins, pauses }: Life, acknowledged: Acknowledged[]): Promise<void> {
      await pause(begins);
      for (const [index, deed] of deeds.entries()) {
        await pause(pauses[index] ?? 0);
        if (moves.get(number) === index) await moveEntryOf(targets, tenure.databaseUrl, number, patience);
        await doIt(world, number, deed, saysTheSame(deeds, index), acknowledged);
      }
    }
  });
}

const numbered = (letter: string, many: number): readonly string[] =>
  Array.from({ length: many }, (_, index) => `${letter}-${String(index + 1).padStart(5, '0')}`);
const lifeOf = (number: string, end: LifeEnd): Life => ({ number, deeds: [], begins: 0, pauses: [], end });

/** True if a newer version has the content of the one before: it is stored, and no event of the audit. */
function saysTheSame(deeds: readonly Deed[], index: number): boolean {
  const deed = deeds[index];
  const before = deeds.slice(0, index).findLast((one) => one.kind === 'record' && one.isNews);
  if (deed?.kind !== 'record' || before?.kind !== 'record') return false;
  return (['department', 'userType', 'status', 'manager'] as const).every((key) => deed[key] === before[key]);
}

async function doIt(world: World, number: string, deed: Deed, saysTheSame: boolean, acknowledged: Acknowledged[]): Promise<void> {
  if (deed.kind === 'login') {
    const answer = await world.logIn(number, deed);
    // A contract may have expired before the answer arrived.
    if (deed.contractEnds === null) expect([number, answer]).toEqual([number, deed.isLetIn ? 'in' : 'refused']);
    return;
  }
  const outcome = await world.record(number, deed);
  // The first answer may have been lost: then it was accepted already. A record that is no news may repeat the last version, with other content too.
  expect([number, deed.isNews ? ['created', 'updated', 'unchanged'] : ['stale', 'unchanged', 'conflict']]).toEqual([number, expect.arrayContaining([outcome])]);
  if (deed.isNews && !saysTheSame) acknowledged.push({ number, version: deed.version });
}
