import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfiguration, writeStarterConfiguration } from '@tenure/config';
import { keepFilesPrivate } from './tenure/close-home.ts';
import { offerFirstAdministrator } from './tenure/first-administrator.ts';
import { type InstallationLog, openInstallationLog } from './tenure/installation-log.ts';
import { HelpAsked, readOptions } from './tenure/read-options.ts';
import { sentence } from './tenure/run-tool.ts';
import { findRunning, forgetRunning, noteRunning } from './tenure/running-file.ts';
import { mustBeFree, mustBeWritable, startSettings } from './tenure/start-settings.ts';
import { type RunningTenure, startTenure } from './tenure/start-tenure.ts';

keepFilesPrivate();
const usage = {
  command: 'npm start',
  does: 'Starts PostgreSQL, Temporal, the API and a worker on this machine. Environment variables change ports, folders and servers: PORT, TENURE_CONFIG, TENURE_HOME, DATABASE_URL, TEMPORAL_ADDRESS (README.md).',
};
const begun = Date.now();
const say = (text: string): void => void process.stdout.write(`${text}\n`);

let starting: Promise<RunningTenure> | null = null;
let stoppingSince: number | null = null;
const stopping = new AbortController();
let home: string | null = null;
let log: InstallationLog | null = null;
/** Output of `npm start` itself. */
const announce = (sentence: string): void => {
  say(sentence);
  log?.note(sentence);
};
const warn = (line: string): void => {
  // While everything stops, one part misses another: such lines are left out.
  if (stoppingSince === null) process.stderr.write(`${line}\n`);
};

async function stop(code: number): Promise<void> {
  if (stoppingSince !== null) {
    // npm hands on the Ctrl-C that this process gets from the terminal too: only a later one is impatience.
    if (Date.now() - stoppingSince > 1000) process.exit(130);
    return;
  }
  stoppingSince = Date.now();
  stopping.abort();
  say(starting === null ? '' : '\nStopping …');
  // A start under way is completed first, so that nothing is left behind; a second Ctrl-C does not wait.
  await starting?.then((running) => running.stop()).catch(() => undefined);
  if (home !== null) await forgetRunning(home);
  log?.note('Tenure has stopped.');
  log?.close();
  if (code === 0 && starting !== null) say('Tenure has stopped; its data are kept.');
  process.exit(code);
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void stop(0));

try {
  readOptions(usage, {});
  await start();
} catch (error) {
  if (error instanceof HelpAsked) {
    say(error.message);
    process.exit(0);
  }
  if (stoppingSince === null) fail(error);
}

function fail(error: unknown): never {
  process.stderr.write(`${sentence(error)}\n`);
  if (log !== null) process.stderr.write(`The log is in ${log.file}.\n`);
  log?.note(`Tenure has not started: ${sentence(error)}`);
  process.exit(1);
}

async function start(): Promise<void> {
  const settings = startSettings(process.env);
  const { configuration, port, url } = settings;
  const other = await findRunning(settings.home);
  if (other !== null) throw new Error(`Tenure is already running here, at ${other.url} (process ${other.pid}): stop it first.`);
  await mustBeFree(port);
  await mustBeWritable(settings.home);
  await prepareConfiguration(configuration, url);

  home = settings.home;
  log = openLog(home);
  starting = startTenure({ ...settings, environment: process.env, announce, onLog: log.take, signal: stopping.signal });
  const running = await starting;
  if (stoppingSince !== null) return;
  const { databaseUrl, ownerUrl, temporalAddress, temporalNamespace } = running;
  const temporalSettings = securityOf(running.environment);
  await noteRunning(home, { pid: process.pid, url, configuration, databaseUrl, ownerUrl, temporalAddress, temporalNamespace, temporalSettings });
  say(`
Tenure is up after ${((Date.now() - begun) / 1000).toFixed(1)} s.
  People log in at   ${url}/me
  GraphQL            ${url}/graphql
  Temporal UI        ${running.temporalUiUrl ?? '(that of your Temporal cluster)'}
  PostgreSQL         ${databaseUrl.replace(/\/\/([^:@/]+):[^@/]+@/, '//$1:…@')}
  Configuration      ${configuration}
  Log                ${log.file}
`);
  say(await offerFirstAdministrator(running));
  say('\nCtrl-C stops everything.');
  void running.failed.then((reason) => {
    if (stoppingSince !== null) return;
    process.stderr.write(`${reason}\n`);
    log?.note(reason);
    void stop(1);
  });
}

/** Variables by which other tools connect to Temporal as this start does. */
function securityOf(environment: NodeJS.ProcessEnv): Readonly<Record<string, string>> {
  const isSet = (entry: [string, string | undefined]): entry is [string, string] => /^TEMPORAL_(TLS|API_KEY)/.test(entry[0]) && Boolean(entry[1]);
  return Object.fromEntries(Object.entries(environment).filter(isSet));
}

/** Opens the log; with TENURE_LOG=all the terminal shows each line as it is, warnings among them. */
function openLog(directory: string): InstallationLog {
  if (process.env['TENURE_LOG'] !== 'all') return openInstallationLog({ home: directory, warn });
  const opened = openInstallationLog({ home: directory, warn: () => undefined });
  const take = (line: string, name: string): void => {
    say(line);
    opened.take(line, name);
  };
  return { ...opened, take };
}

/** Checks the configuration: its problems are shown before anything has been started. */
async function prepareConfiguration(directory: string, url: string): Promise<void> {
  if (!existsSync(join(directory, 'tenure.yaml'))) {
    await writeStarterConfiguration(directory, url).catch((error: unknown) => {
      throw new Error(`There is no tenure.yaml in ${directory}, and none can be written there: ${sentence(error)}. TENURE_CONFIG names another folder.`, {
        cause: error,
      });
    });
    say(`There was no tenure.yaml in ${directory}: a commented one is there now, with policy/ beside it.`);
  }
  const { url: configured } = await loadConfiguration({ directory, environment: { ...process.env, TENURE_URL: url } });
  if (new URL(configured).origin !== new URL(url).origin) {
    say(`Note: tenure.yaml says that people reach Tenure at ${configured}, and this start listens for ${url}. Logins end at the address in tenure.yaml.`);
  }
}
