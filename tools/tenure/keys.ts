import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The keys of an installation, base64. Whoever loses `master` can no longer read personal fields of the audit; see docs. */
export interface Keys {
  readonly TENURE_MASTER_KEY: string;
  readonly TENURE_AUDIT_KEY: string;
}

/** Keys of the embedded installation: made once, kept in a file that only its owner may read. The environment's come first. */
export async function installationKeys(home: string, environment: NodeJS.ProcessEnv): Promise<Keys> {
  const file = join(home, 'keys.json');
  const kept = await readKept(file);
  const keys: Keys = kept ?? { TENURE_MASTER_KEY: newKey(), TENURE_AUDIT_KEY: newKey() };
  if (kept === null) await writeFile(file, `${JSON.stringify(keys, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  return { TENURE_MASTER_KEY: environment['TENURE_MASTER_KEY'] ?? keys.TENURE_MASTER_KEY, TENURE_AUDIT_KEY: environment['TENURE_AUDIT_KEY'] ?? keys.TENURE_AUDIT_KEY };
}

async function readKept(file: string): Promise<Keys | null> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Keys;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new Error(`${file} cannot be read as JSON; restore it from a backup: without it the audit's personal fields cannot be opened`, { cause: error });
  }
}

function newKey(): string {
  return randomBytes(32).toString('base64');
}
