import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Keys of an installation, base64. Without the master key nobody can read personal fields of the audit any more: docs/operate.md. */
export interface Keys {
  readonly TENURE_MASTER_KEY: string;
  readonly TENURE_AUDIT_KEY: string;
}

/** Keys of the embedded installation: made once, kept in a file that only its owner may read. The environment's come first. */
export async function installationKeys(home: string, environment: NodeJS.ProcessEnv): Promise<Keys> {
  const known = await knownKeys(home, environment);
  if (known !== null) return known;
  const made: Keys = { TENURE_MASTER_KEY: newKey(), TENURE_AUDIT_KEY: newKey() };
  await writeFile(fileIn(home), `${JSON.stringify(made, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  return { ...made, ...keysOf(environment) };
}

/** The keys that the environment sets, or that an earlier start made; `null` when there are none yet. */
export async function knownKeys(home: string, environment: NodeJS.ProcessEnv): Promise<Keys | null> {
  const { TENURE_MASTER_KEY, TENURE_AUDIT_KEY } = keysOf(environment);
  if (TENURE_MASTER_KEY && TENURE_AUDIT_KEY) return { TENURE_MASTER_KEY, TENURE_AUDIT_KEY };
  const kept = await readKept(fileIn(home));
  return kept === null ? null : { ...kept, ...keysOf(environment) };
}

const fileIn = (home: string): string => join(home, 'keys.json');

function keysOf({ TENURE_MASTER_KEY, TENURE_AUDIT_KEY }: NodeJS.ProcessEnv): Partial<Keys> {
  return { ...(TENURE_MASTER_KEY ? { TENURE_MASTER_KEY } : {}), ...(TENURE_AUDIT_KEY ? { TENURE_AUDIT_KEY } : {}) };
}

async function readKept(file: string): Promise<Keys | null> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Keys;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new Error(`${file} cannot be read as JSON; restore it from a backup: without it the audit's personal fields cannot be opened.`, { cause: error });
  }
}

function newKey(): string {
  return randomBytes(32).toString('base64');
}
