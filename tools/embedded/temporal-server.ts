import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { EmbeddedServerError } from './embedded-server-error.ts';
import { stopLeftover } from './leftover.ts';
import { choosePort, loopback } from './ports.ts';
import { type ServerExit, type ServerProcess, startServerProcess } from './server-process.ts';
import { readState, type ServerState, type StoreBeginning, writeState } from './state-file.ts';
import type { TemporalProgram } from './temporal-binary.ts';
import { exitCodes, type SearchAttributeType, temporalCommand, type TemporalSetup } from './temporal-command.ts';
import { temporalIsReady } from './temporal-ready.ts';
import { putStoreAside, storeExists } from './temporal-store.ts';
import { until } from './until.ts';

const readyTimeout = 90_000;
const attempts = 5;

/** Options of the embedded Temporal server. */
export interface TemporalOptions {
  /** Folder of all its files: temporal.sqlite, logs/temporal.log. Created when missing. */
  readonly directory: string;
  /** gRPC port; that of the last start, or a free one, when not given. */
  readonly port?: number | undefined;
  /** Port of the web UI, chosen like `port`. */
  readonly uiPort?: number | undefined;
  readonly namespace: string;
  readonly searchAttributes: Readonly<Record<string, SearchAttributeType>>;
  /** Milliseconds ahead that timers are collected, and so that one which is set to fire at once may be late; Temporal's second unless given. */
  readonly timerShift?: number | undefined;
  /** Events in the history of a workflow after which the server suggests that it goes on as a new run; Temporal's 4,096 unless given. */
  readonly newRunAfter?: number | undefined;
  /** Program from `findTemporalServer`. */
  readonly program: TemporalProgram;
  readonly onLog?: ((message: string) => void) | undefined;
}

/** A running embedded Temporal server. */
export interface RunningTemporal {
  /** Host and port for clients and workers. */
  readonly address: string;
  readonly uiUrl: string;
  readonly namespace: string;
  /** True if the store began empty, whatever the reason: work in PostgreSQL has no workflow yet. */
  readonly storeIsNew: boolean;
  /** True if the store began empty although an earlier start had one: it did not fit and was put aside, or it was lost. */
  readonly storeWasReset: boolean;
  readonly pid: number | undefined;
  /** Settles when the server ends, asked to or not. */
  readonly exited: Promise<ServerExit>;
  /** Stops the server. May be called twice. */
  stop(): Promise<void>;
}

/**
 * Starts a Temporal server with its web UI as a child process, on 127.0.0.1 only, and waits until the namespace and the
 * search attributes can be used.
 * @throws EmbeddedServerError in one sentence: port in use, already running, or the server's own last words
 */
export async function startTemporal(options: TemporalOptions): Promise<RunningTemporal> {
  const directory = resolve(options.directory);
  const storeFile = join(directory, 'temporal.sqlite');
  const stateFile = join(directory, 'state.json');
  await mkdir(directory, { recursive: true });
  const before = await readState(stateFile);
  await stopLeftoverTemporal(directory, storeFile, before, options.onLog);

  let beginning = await beginningOf(storeFile, before);
  const putAside = async (reason: string) => {
    const aside = await putStoreAside(storeFile);
    beginning = 'reset';
    options.onLog?.(`Temporal starts with an empty store, because ${reason}; the old one is kept as ${aside}.`);
  };
  if ((await storeExists(storeFile)) && before.store !== options.program.store) {
    await putAside(`the old one was written by another program (${before.store ?? 'unknown'})`);
  }
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const setup = await chooseSetup(options, directory, storeFile, before.ports);
    const server = startServerProcess(temporalCommand(setup));
    const state = stateOf(setup, server);
    await writeState(stateFile, beginning ? { ...state, beginning } : state);
    if (await becomesReady(server, setup)) {
      await writeState(stateFile, state);
      return describe(setup, server, beginning);
    }
    await server.stop();
    const verdict = judge(server, setup);
    if (verdict === 'store does not fit') await putAside('the old one does not fit this version of Temporal');
    else if (verdict === 'failed') throw new EmbeddedServerError(`The Temporal server did not start. It said: ${lastWords(server)}`);
  }
  throw new EmbeddedServerError(`The Temporal server did not start in ${attempts} attempts; see ${join(directory, 'logs', 'temporal.log')}.`);
}

async function beginningOf(storeFile: string, before: ServerState): Promise<StoreBeginning | undefined> {
  if (before.beginning) return before.beginning;
  if (await storeExists(storeFile)) return undefined;
  return before.store === undefined ? 'new' : 'reset';
}

function stateOf({ port, uiPort, healthPort, program }: TemporalSetup, { pid }: ServerProcess): ServerState {
  return { ...(pid === undefined ? {} : { pid }), owner: process.pid, ports: { port, uiPort, healthPort }, store: program.store };
}

function describe(setup: TemporalSetup, server: ServerProcess, beginning: StoreBeginning | undefined): RunningTemporal {
  return {
    address: `${loopback}:${setup.port}`,
    uiUrl: `http://${loopback}:${setup.uiPort}`,
    namespace: setup.namespace,
    storeIsNew: beginning !== undefined,
    storeWasReset: beginning === 'reset',
    pid: server.pid,
    exited: server.exited,
    stop: server.stop,
  };
}

async function chooseSetup(
  { onLog, ...options }: TemporalOptions,
  directory: string,
  storeFile: string,
  remembered: ServerState['ports'] = {},
): Promise<TemporalSetup> {
  const choose = (purpose: string, name: string, wanted?: number) => choosePort({ purpose, wanted, remembered: remembered[name], onLog });
  return {
    program: options.program,
    storeFile,
    logFile: join(directory, 'logs', 'temporal.log'),
    port: await choose('Temporal', 'port', options.port),
    uiPort: await choose("Temporal's UI", 'uiPort', options.uiPort),
    healthPort: await choose("Temporal's health check", 'healthPort'),
    namespace: options.namespace,
    searchAttributes: options.searchAttributes,
    timerShift: options.timerShift,
    newRunAfter: options.newRunAfter,
  };
}

async function becomesReady(server: ServerProcess, setup: TemporalSetup): Promise<boolean> {
  const answer = await until(async () => (server.ended() ? 'ended' : await temporalIsReady(setup)), { timeout: readyTimeout });
  return answer === true && !server.ended();
}

// A file that stays locked for some seconds after a stop, or a port that another program took between our check and the server's start, is solved by
// another attempt.
function judge(server: ServerProcess, { program }: TemporalSetup): 'store does not fit' | 'try again' | 'failed' {
  if (program.kind === 'cli') return /database is locked/.test(server.lastOutput()) ? 'try again' : 'failed';
  const code = server.ended()?.code;
  if (code === exitCodes.storeDoesNotFit) return 'store does not fit';
  return code === exitCodes.portTaken ? 'try again' : 'failed';
}

async function stopLeftoverTemporal(directory: string, storeFile: string, state: ServerState, onLog: TemporalOptions['onLog']): Promise<void> {
  const { pid, owner } = state;
  const stopped = await stopLeftover({ pid, owner, mark: storeFile, name: 'Temporal', directory, signal: 'SIGTERM' });
  if (stopped) onLog?.('Stopped a Temporal server that an earlier start had left running.');
}

function lastWords(server: ServerProcess): string {
  const lines = server.lastOutput().trim().split('\n');
  const line = lines.findLast((candidate) => candidate.startsWith('temporal-server: ')) ?? lines.at(-1) ?? '';
  return line.replace('temporal-server: ', '').slice(0, 1_000) || (server.ended()?.reason ?? 'nothing');
}
