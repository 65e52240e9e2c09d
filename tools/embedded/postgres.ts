import { chmod, mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { EmbeddedServerError } from './embedded-server-error.ts';
import { choosePort, loopback } from './ports.ts';
import { databaseUser, ensureCluster } from './postgres-cluster.ts';
import { ensureDatabase } from './postgres-database.ts';
import { stopLeftoverPostgres } from './postgres-leftover.ts';
import { findPostgresPrograms } from './postgres-programs.ts';
import { type ServerCommand, type ServerExit, type ServerProcess, startServerProcess } from './server-process.ts';
import { readState, writeState } from './state-file.ts';
import { assertReachable, unprivilegedUser } from './unprivileged-user.ts';
import { until } from './until.ts';

const database = 'tenure';
const releaseTimeout = 15_000;

// For a small machine that other programs share. No Unix socket: its usual directories may belong to another server.
const settings = [
  'max_connections=200',
  'shared_buffers=128MB',
  `listen_addresses=${loopback}`,
  'unix_socket_directories=',
  'timezone=UTC',
  'log_timezone=UTC',
  // Statements and refused rows are full of people; the log is kept by others and for longer.
  'log_min_error_statement=panic',
  'log_error_verbosity=terse',
  'lc_messages=C',
];
const notDurable = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'];

/** Options of the embedded PostgreSQL. */
export interface PostgresOptions {
  /** Folder of all its files: data, password (mode 0600), logs/postgres.log. Created when missing. */
  readonly directory: string;
  /** The port of the last start, or a free one, when not given. */
  readonly port?: number | undefined;
  /** `false` for tests: several times faster to write, and lost with a power failure. */
  readonly durable?: boolean | undefined;
  readonly onLog?: ((message: string) => void) | undefined;
}

/** A running embedded PostgreSQL. */
export interface RunningPostgres {
  /** Connection URL of database `tenure`, password included: not for logs. */
  readonly url: string;
  /** Process id of the server's first process. */
  readonly pid: number | undefined;
  /** Settles when the server ends, asked to or not. */
  readonly exited: Promise<ServerExit>;
  /** Stops the server, closing connections that are still open. May be called twice. */
  stop(): Promise<void>;
}

/**
 * Starts PostgreSQL as a child process, listening on 127.0.0.1 only, and waits until it answers. It survives kill -9, of itself and of this process:
 * the next start stops servers that were left running and recovers the data.
 * @throws EmbeddedServerError in one sentence: port in use, directory out of reach, already running, ...
 */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  const directory = resolve(options.directory);
  const data = join(directory, 'data');
  const stateFile = join(directory, 'state.json');
  const durable = options.durable ?? true;

  await mkdir(directory, { recursive: true });
  const programs = findPostgresPrograms();
  const user = await unprivilegedUser(data);
  if (user) {
    await chmod(directory, 0o711);
    await assertReachable(directory, user);
    await assertReachable(programs.directory, user);
  }
  await stopLeftoverPostgres(directory, options.onLog);
  const password = await ensureCluster({ data, passwordFile: join(directory, 'password'), user, durable }, programs);

  const remembered = (await readState(stateFile)).ports?.['postgres'];
  const port = await choosePort({ purpose: 'PostgreSQL', wanted: options.port, remembered, onLog: options.onLog });
  await chmod(programs.postgres, 0o755).catch(() => undefined); // some installers lose the mode
  const command: ServerCommand = {
    program: programs.postgres,
    arguments: ['-D', data, '-p', String(port), ...[...settings, ...(durable ? [] : notDurable)].flatMap((setting) => ['-c', setting])],
    user,
    logFile: join(directory, 'logs', 'postgres.log'),
    // "Fast" first, then "immediate", after which the next start has to recover.
    stopSignals: [
      ['SIGINT', 20_000],
      ['SIGQUIT', 5_000],
      ['SIGKILL', 5_000],
    ],
  };
  const server = await startOnceReleased(async () => {
    const started = startServerProcess(command);
    await writeState(stateFile, { owner: process.pid, ports: { postgres: port } });
    try {
      await ensureDatabase({ server: started, port, password }, database);
      return started;
    } catch (error) {
      await started.stop();
      throw error;
    }
  });
  return {
    url: `postgresql://${databaseUser}:${password}@${loopback}:${port}/${database}`,
    pid: server.pid,
    exited: server.exited,
    stop: server.stop,
  };
}

// After a kill -9 of the server itself, its children may need a moment to notice and let go of the shared memory.
async function startOnceReleased(start: () => Promise<ServerProcess>): Promise<ServerProcess> {
  let refusal: EmbeddedServerError | undefined;
  const attempt = async () => {
    try {
      return await start();
    } catch (error) {
      if (!(error instanceof EmbeddedServerError && error.message.includes('pre-existing shared memory block'))) throw error;
      refusal = error;
      return undefined;
    }
  };
  const server = await until(attempt, { timeout: releaseTimeout, every: 200 });
  if (!server) throw refusal ?? new EmbeddedServerError('PostgreSQL did not start.');
  return server;
}
