import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@tenure/store/testing';
import { freePort } from '@tenure/testing/free-port.ts';
import { until } from './embedded/until.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
let database: TestDatabase;
let folder: string;
let environment: NodeJS.ProcessEnv;
let running: ChildProcess | null = null;

beforeAll(async () => {
  database = await createTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'tenure-example-'));
  environment = {
    PATH: process.env['PATH'],
    PORT: String(await freePort()),
    TENURE_HOME: join(folder, 'home'),
    TENURE_CONFIG: join(folder, 'configuration'),
    DATABASE_URL: database.url,
    TEMPORAL_ADDRESS: process.env['TENURE_TEST_TEMPORAL_ADDRESS'],
  };
});
afterAll(async () => {
  running?.kill('SIGKILL');
  await database?.drop();
  await rm(folder, { recursive: true, force: true });
});

/** `npm start`, until it is up. */
async function start(): Promise<void> {
  running = spawn(process.execPath, ['--import', new URL('./load-typescript.js', import.meta.url).href, join(root, 'tools/start.ts')], {
    cwd: root,
    env: environment,
  });
  let terminal = '';
  for (const stream of [running.stdout, running.stderr]) stream?.on('data', (chunk: Buffer) => void (terminal += chunk.toString('utf8')));
  if (!(await until(() => terminal.includes('Ctrl-C stops everything') || undefined, { timeout: 100_000 }))) throw new Error(terminal);
}

async function stop(): Promise<void> {
  running?.kill('SIGINT');
  if (running !== null) await once(running, 'close');
}

/** The example of README: the rule, the shell's functions, and commands with their output. */
async function example(): Promise<{ rule: string; functions: string; commands: readonly { readonly typed: string; readonly printed: string }[] }> {
  const readme = await readFile(join(root, 'README.md'), 'utf8');
  const part = readme.slice(readme.indexOf('## An example, worked through'), readme.indexOf('## A small configuration'));
  const blocks = (language: string): readonly string[] =>
    [...part.matchAll(new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, text = '']) => text);
  const commands = blocks('console').flatMap((text) =>
    text
      .split(/^\$ /m)
      .slice(1)
      .map((one) => ({ typed: one.slice(0, one.indexOf('\n')), printed: one.slice(one.indexOf('\n') + 1) })),
  );
  return { rule: blocks('yaml')[0] ?? '', functions: blocks('sh')[0] ?? '', commands };
}

/** Instants of a run are those of its day; those of the example's own dates stay. */
function withoutNow(text: string): string {
  return text.replace(/\d{4}(?=-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)\S{20}/g, (instant) => (instant.startsWith('2040') ? instant : '<instant>'));
}

test('README’s example prints word for word what stands there, from a first start', async () => {
  const { rule, functions, commands } = await example();
  expect(commands.map(({ typed }) => typed)).toEqual(['record 1 ACTIVE', 'ada', 'why', 'record 2 ENDED', 'ada', 'story', 'record 1 ACTIVE', 'record 3 ACTIVE']);
  await start();
  await stop();
  // "take the # away from the first rule under birthright"
  const file = join(folder, 'configuration', 'policy', 'access.yaml');
  const lines = (await readFile(file, 'utf8')).split('\n');
  const [first, second] = lines.flatMap((line, index) =>
    line.startsWith('#  - name: ') && index > lines.findIndex((one) => one.startsWith('birthright:')) ? [index] : [],
  );
  const changed = lines.map((line, index) => (index >= (first ?? 0) && index < (second ?? 0) ? line.slice(1) : line));
  const written = changed.slice(first, second).map((line) => line.replace(/ +#.*$/, ''));
  expect(`birthright:\n${written.join('\n')}\n`).toBe(rule);
  await writeFile(file, changed.join('\n'));
  await start();

  const script = [
    functions.replaceAll('http://localhost:4000', `http://localhost:${environment['PORT']}`),
    ...commands.map(({ typed }) => `${typed}; echo ====`),
  ];
  const { stdout } = await promisify(execFile)('bash', ['-c', script.join('\n')], { cwd: root, env: environment });
  await stop();
  const printed = stdout.split('====\n').slice(0, -1);
  expect(printed.map(withoutNow)).toEqual(commands.map((command) => withoutNow(command.printed)));
}, 300_000);
