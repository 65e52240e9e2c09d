// @ts-check
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

/**
 * Does something while no other process does it in this folder.
 * @param {string} root
 * @param {() => Promise<void>} work
 */
export async function whileLocked(root, work) {
  const folder = join(root, 'node_modules/.cache/tenure');
  const lock = join(folder, 'build.lock');
  mkdirSync(folder, { recursive: true });
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (!isThere(error)) throw error;
    }
    if (isAbandoned(lock)) rmSync(lock, { force: true });
    else await setTimeout(50);
  }
  try {
    await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

const isThere = (/** @type {unknown} */ error) => error instanceof Error && 'code' in error && error.code === 'EEXIST';

/** @param {string} lock */
function isAbandoned(lock) {
  try {
    const pid = Number(readFileSync(lock, 'utf8'));
    // Empty for the moment between its making and its writing.
    if (pid > 0) process.kill(pid, 0);
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH';
  }
}
