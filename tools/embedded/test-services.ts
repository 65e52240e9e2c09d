import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createTemplate } from '@tenure/store/testing';
import { startPostgres } from './postgres.ts';
import { stopLeftoverPostgres } from './postgres-leftover.ts';
import { findProcess } from './process-table.ts';
import { findTemporalServer } from './temporal-binary.ts';
import type { SearchAttributeType } from './temporal-command.ts';
import { startTemporal } from './temporal-server.ts';

/** The namespace that tests use. */
export const testNamespace = 'default';

const searchAttributes: Readonly<Record<string, SearchAttributeType>> = {
  TenureIdentity: 'Keyword',
  TenureStage: 'Keyword',
  TenureTrigger: 'Keyword',
  TenureDueAt: 'Datetime',
};
const namePrefix = 'tenure-test-';

/** The servers of one test run. */
export interface TestServices {
  readonly databaseUrl: string;
  readonly temporalAddress: string;
  /** Stops the started servers and removes their data. */
  stop(): Promise<void>;
}

/**
 * Starts one PostgreSQL and one Temporal server for a whole test run, in a temporary directory. A server that
 * TENURE_TEST_DATABASE_URL or TENURE_TEST_TEMPORAL_ADDRESS names is used instead; those variables are set for the tests, and
 * TENURE_TEST_TEMPLATE to a migrated database that they copy. Builds dist/ meanwhile.
 */
export async function startTestServices(): Promise<TestServices> {
  await removeAbandoned();
  // By the process id in the name, a later run sees whether this one still runs.
  const directory = await mkdtemp(join(tmpdir(), `${namePrefix}${process.pid}-`));
  await chmod(directory, 0o711); // PostgreSQL may run as another user
  const started = await Promise.allSettled([
    process.env['TENURE_TEST_DATABASE_URL'] ? null : startPostgres({ directory: join(directory, 'postgres'), durable: false }),
    process.env['TENURE_TEST_TEMPORAL_ADDRESS'] ? null : startTestTemporal(join(directory, 'temporal')),
    // For the processes that tests start, and for the workers within them, which take the bundle of the workflows from there.
    promisify(execFile)(process.execPath, [fileURLToPath(new URL('../build.js', import.meta.url))]).then(() => null),
  ]);
  const [postgres, temporal] = started.map((result) => (result.status === 'fulfilled' ? result.value : null));
  let template: Awaited<ReturnType<typeof createTemplate>> | null = null;
  const stop = async () => {
    if (!postgres) await template?.drop(); // with a server of the run's own it goes anyway
    await Promise.all([postgres?.stop(), temporal?.stop()]);
    await rm(directory, { recursive: true, force: true });
  };
  const failed = started.find((result) => result.status === 'rejected');
  if (failed) {
    await stop();
    throw failed.reason;
  }
  if (postgres && 'url' in postgres) process.env['TENURE_TEST_DATABASE_URL'] = postgres.url;
  template = await createTemplate(process.env['TENURE_TEST_DATABASE_URL'] ?? '').catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  process.env['TENURE_TEST_TEMPLATE'] = template.name;
  if (temporal && 'address' in temporal) process.env['TENURE_TEST_TEMPORAL_ADDRESS'] = temporal.address;
  return {
    databaseUrl: process.env['TENURE_TEST_DATABASE_URL'] ?? '',
    temporalAddress: process.env['TENURE_TEST_TEMPORAL_ADDRESS'] ?? '',
    stop,
  };
}

async function startTestTemporal(directory: string) {
  const cacheDirectory = fileURLToPath(new URL('../../.tenure/bin', import.meta.url));
  const program = await findTemporalServer({ cacheDirectory, onProgress: (message) => process.stderr.write(`${message}\n`) });
  // Workflows of identities do not wait: each of their dates is a timer that is set to fire at once. And some workflows go on as new runs: sooner
  // than usual.
  return startTemporal({ directory, program, namespace: testNamespace, searchAttributes, timerShift: 50, newRunAfter: 512 });
}

// Removes the rest of killed test runs: their PostgreSQL would run for ever.
async function removeAbandoned(): Promise<void> {
  const names = await readdir(tmpdir());
  for (const name of names) {
    const owner = new RegExp(`^${namePrefix}(\\d+)-`).exec(name)?.[1];
    if (!owner || (await findProcess(Number(owner)))) continue;
    const directory = join(tmpdir(), name);
    // Another user's, or another run that cleans up at this moment: neither is a reason to fail.
    await stopLeftoverPostgres(join(directory, 'postgres')).catch(() => undefined);
    await rm(directory, { recursive: true, force: true }).catch(() => undefined);
  }
}
