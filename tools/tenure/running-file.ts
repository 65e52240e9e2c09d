import { chmod, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findProcess } from '../embedded/process-table.ts';

/** Data for the other command-line tools about the installation that `npm start` runs. */
export interface RunningInstallation {
  /** The process of `npm start`. */
  readonly pid: number;
  readonly url: string;
  /** Folder of its tenure.yaml, absolute; absent: started by an older version. */
  readonly configuration?: string;
  /** Address with its password: the file is for its owner alone. */
  readonly databaseUrl: string;
  /** Address with the login that migrates the database. */
  readonly ownerUrl?: string;
  readonly temporalAddress: string;
  readonly temporalNamespace: string;
  /** Variables for the connection to an external Temporal (TLS, API key); absent: none. */
  readonly temporalSettings?: Readonly<Record<string, string>>;
}

const fileIn = (home: string): string => join(home, 'running.json');

/** Stores that the installation runs; only its owner may read the file. */
export async function noteRunning(home: string, installation: RunningInstallation): Promise<void> {
  await writeFile(fileIn(home), `${JSON.stringify(installation, null, 2)}\n`, { mode: 0o600 });
  await chmod(fileIn(home), 0o600); // the mode above counts for a new file only
}

export async function forgetRunning(home: string): Promise<void> {
  await rm(fileIn(home), { force: true });
}

/** The installation that runs now; `null` when none does, also when the file is left from one that was killed. */
export async function findRunning(home: string): Promise<RunningInstallation | null> {
  const text = await readFile(fileIn(home), 'utf8').catch(() => null);
  if (text === null) return null;
  const installation = parse(text);
  if (installation === null) return null;
  const command = (await findProcess(installation.pid))?.command ?? '';
  // The system gives ids again to new processes.
  return /\bnode\b/.test(command) ? installation : null;
}

/** `null` for a file that is cut off, as a full disk or a power failure leaves it. */
function parse(text: string): RunningInstallation | null {
  try {
    return JSON.parse(text) as RunningInstallation;
  } catch {
    return null;
  }
}
