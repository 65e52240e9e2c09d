import { readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isNotThere } from './error-code.ts';
import { stopLeftover } from './leftover.ts';
import { findProcess } from './process-table.ts';
import { readState } from './state-file.ts';

/**
 * Stops a PostgreSQL whose owner was killed. `startPostgres` does this by itself.
 * @returns true if there was one
 * @throws EmbeddedServerError when its owner still runs
 */
export async function stopLeftoverPostgres(directory: string, onLog?: (message: string) => void): Promise<boolean> {
  const data = join(resolve(directory), 'data');
  const { owner } = await readState(join(resolve(directory), 'state.json'));
  const pid = await postmasterOf(data);
  if (await stopLeftover({ pid, owner, mark: data, name: 'PostgreSQL', directory, signal: 'SIGINT' })) {
    onLog?.('Stopped a PostgreSQL that an earlier start had left running.');
    return true;
  }
  // PostgreSQL treats any running process with the noted id as its predecessor, even if the id was reused for another program since. Where there is
  // no such process, the file stays: PostgreSQL reads more from it to be safe.
  if (pid !== undefined && (await findProcess(pid))) await rm(join(data, 'postmaster.pid'), { force: true });
  return false;
}

async function postmasterOf(data: string): Promise<number | undefined> {
  try {
    const pid = Number.parseInt(await readFile(join(data, 'postmaster.pid'), 'utf8'), 10);
    return Number.isInteger(pid) && pid > 0 ? pid : undefined;
  } catch (error) {
    if (isNotThere(error)) return undefined;
    throw error;
  }
}
