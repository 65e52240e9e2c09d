import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { writeStarterConfiguration } from '@tenure/config';
import { mustBeNode24 } from './tenure/node-version.ts';
import { offerFirstAdministrator } from './tenure/first-administrator.ts';
import { type RunningTenure, startTenure } from './tenure/start-tenure.ts';

mustBeNode24();
const begun = Date.now();
const home = resolve('.tenure');
const configuration = resolve(process.env['TENURE_CONFIG'] ?? 'configuration');
const port = Number(process.env['PORT'] ?? 4000);
const say = (sentence: string): void => void process.stdout.write(`${sentence}\n`);

let running: RunningTenure | null = null;
let isStopping = false;

async function stop(code: number): Promise<void> {
  if (isStopping) process.exit(130); // a second Ctrl-C does not wait
  isStopping = true;
  say('Stopping …');
  await running?.stop();
  process.exit(code);
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void stop(0));

try {
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new Error(`PORT is "${process.env['PORT']}", but has to be a number between 1 and 65535.`);
  if (!existsSync(join(configuration, 'tenure.yaml'))) {
    await writeStarterConfiguration(configuration);
    say(`There was no tenure.yaml in ${configuration}: a commented one is there now, with policy/ beside it.`);
  }
  running = await startTenure({ home, configuration, port, environment: process.env, announce: say, ...(process.env['TENURE_LOG'] === 'all' ? { onLog: say } : {}) });
  say(`
Tenure is up after ${((Date.now() - begun) / 1000).toFixed(1)} s.
  People log in at        ${running.url}/me
  GraphQL                 ${running.url}/graphql
  Temporal UI             ${running.temporalUiUrl ?? '(that of your Temporal cluster)'}
  PostgreSQL              ${running.databaseUrl.replace(/\/\/([^:]+):[^@]+@/, '//$1:…@')}
  Configuration           ${configuration}
`);
  say(await offerFirstAdministrator(running));
  say('Ctrl-C stops everything.');
  void running.failed.then((sentence) => {
    if (isStopping) return;
    process.stderr.write(`${sentence}\n`);
    void stop(1);
  });
} catch (error) {
  if (!isStopping) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
}
