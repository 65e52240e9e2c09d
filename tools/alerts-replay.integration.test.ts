import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { writeStarterConfiguration } from '@tenure/config';
import { createTestDatabase, type TestDatabase } from '@tenure/store/testing';
import { searchAttributes } from '@tenure/workflows/search-attributes';
import { findTemporalServer } from './embedded/temporal-binary.ts';
import { type RunningTemporal, startTemporal } from './embedded/temporal-server.ts';
import { until } from './embedded/until.ts';
import { type NodeChild, startNodeChild } from './tenure/node-child.ts';

const hasPromtool = spawnSync('promtool', ['--version']).error === undefined;
const named = hasPromtool ? describe : describe.skip;
const run = promisify(execFile);
const fromRoot = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** Nothing listens there. */
const target = `targets:
  crm: { title: CRM, kind: scim, url: "http://127.0.0.1:9/scim", token: "\${env:CRM_TOKEN}", attributes: { displayName: identity.displayName } }`;

let home: string;
let database: TestDatabase;
let temporal: RunningTemporal;
let worker: NodeChild;
let metrics: string;

/** Metrics that the worker prints now. */
const scrape = async (): Promise<string> => (await fetch(`${metrics}/metrics`)).text();
/** @returns metrics of the worker as soon as they have these lines */
const scrapeWith = (...wanted: readonly RegExp[]): Promise<string | undefined> =>
  until(
    async () => {
      const printed = await scrape();
      return wanted.every((line) => line.test(printed)) ? printed : undefined;
    },
    { timeout: 150_000, every: 200 },
  );

/** Evaluates Prometheus' own rules over half an hour of these metrics. @returns the alerts that fire then */
async function firing(printed: string | undefined): Promise<readonly string[]> {
  const lines = (printed ?? '').split('\n').flatMap((line) => {
    const [, name, labels, value] = /^((?:tenure|process)_\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    return name === undefined ? [] : [{ series: `${name}{${[labels, 'job="tenure-worker",instance="w"'].filter(Boolean).join(',')}}`, value: String(value) }];
  });
  const series = [{ series: 'up{job="tenure-worker",instance="w"}', value: '1' }, ...lines].map(({ series: one, value }) => ({
    series: one,
    values: `${value}x60`,
  }));
  const tests = {
    rule_files: [fromRoot('docs/operate/alerts.yml')],
    evaluation_interval: '1m',
    tests: [
      {
        interval: '1m',
        input_series: series,
        // The expected result is empty, so that promtool prints the actual one.
        promql_expr_test: [{ expr: 'count by (alertname) (ALERTS{alertstate="firing"})', eval_time: '30m', exp_samples: [] }],
      },
    ],
  };
  const file = join(home, 'replay.json');
  await writeFile(file, JSON.stringify(tests));
  const said = await run('promtool', ['test', 'rules', file]).then(
    () => '',
    (error: { stdout: string; stderr: string }) => `${error.stdout}${error.stderr}`,
  );
  const [, got] = /got:(.*)/.exec(said) ?? [];
  if (said !== '' && got === undefined) throw new Error(said);
  return [...(got ?? '').matchAll(/alertname="(\w+)"/g)].map(([, alert = '']) => alert).sort();
}

named(
  hasPromtool
    ? 'alerts, by what a real worker prints'
    : 'alerts, by what a real worker prints (skipped: promtool is not installed; it is in the package prometheus)',
  () => {
    beforeAll(async () => {
      home = await mkdtemp(join(tmpdir(), 'tenure-alerts-'));
      database = await createTestDatabase();
      const program = await findTemporalServer({ cacheDirectory: fromRoot('.tenure/bin'), onProgress: () => undefined });
      temporal = await startTemporal({ directory: join(home, 'temporal'), program, namespace: 'default', searchAttributes });
      const configuration = join(home, 'configuration');
      await writeStarterConfiguration(configuration);
      const file = join(configuration, 'tenure.yaml');
      const written = (await readFile(file, 'utf8')).replace(/^targets:.*$/m, target);
      await writeFile(file, written.replace(/^sources:[^\n]*$/m, 'sources:\n  nightly: { title: Nightly feed, expectEvery: P1D }'));
      worker = startNodeChild({
        entry: fromRoot('apps/worker/main.ts'),
        environment: {
          PATH: process.env['PATH'],
          DATABASE_URL: database.url,
          TEMPORAL_ADDRESS: temporal.address,
          TENURE_CONFIG: configuration,
          ...database.keys,
          METRICS_PORT: '0',
          CRM_TOKEN: 'none',
          TENURE_AUDIT_ANCHORS: join(home, 'anchors'),
        },
        isReady: (line) => line.includes('"ready":true'),
      });
      metrics = (JSON.parse(await worker.ready) as { probes: string }).probes;
    });
    afterAll(async () => {
      await worker?.stop();
      await temporal?.stop();
      await database?.drop();
      await rm(home, { recursive: true, force: true });
    });

    test('a target that does not answer fires TenureConnectionFails and nothing else, and a feed that is silent adds TenureSourceSilent', async () => {
      // Nothing but the target is away: a machine that is slow at the start of the worker plays more than that.
      const away = await scrapeWith(/tenure_connection_works\{kind="target",name="crm"\} 0/, /tenure_temporal_answers 1/, /tenure_database_answers 1/);
      expect(await firing(away)).toEqual(['TenureConnectionFails']);
      await database.execute(`insert into source_contact (source, at) values ('nightly', now() - interval '25 hours')`);
      expect(await firing(await scrape())).toEqual(expect.arrayContaining(['TenureConnectionFails', 'TenureSourceSilent']));
      await database.execute(`update source_contact set at = now()`);
      expect(await firing(await scrape())).not.toContain('TenureSourceSilent');
    });

    test('Temporal that is away fires TenureTemporalDown although nothing waits for it', async () => {
      expect(await scrapeWith(/tenure_temporal_answers 1/)).toBeDefined();
      process.kill(temporal.pid ?? 0, 'SIGKILL');
      await temporal.exited;
      const quiet = await scrapeWith(/tenure_temporal_answers 0/);
      expect(quiet).toContain('tenure_outbox_waiting 0');
      expect(await firing(quiet)).toContain('TenureTemporalDown');
    });
  },
);
