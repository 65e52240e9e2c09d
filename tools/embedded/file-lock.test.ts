import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { withFileLock } from './file-lock.ts';

describe('withFileLock', () => {
  let folder: string;
  let lock: string;
  const others: ChildProcess[] = [];
  const other = async (program: string, ...words: string[]): Promise<ChildProcess> => {
    const child = spawn(program, words, { stdio: 'ignore' });
    others.push(child);
    await once(child, 'spawn');
    return child;
  };
  const work = async (): Promise<string> => (existsSync(lock) ? 'done under the lock' : 'done without it');
  const nobodyIsThere = (pid: number): void => {
    throw new Error(`waited for ${pid}`);
  };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tenure-lock-'));
    lock = join(folder, 'lock');
  });
  afterEach(async () => {
    for (const child of others.splice(0)) child.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  });

  test('waits for the process that holds it, and says so once', async () => {
    const holder = await other(process.execPath, '-e', 'setInterval(() => {}, 1000)');
    await writeFile(lock, String(holder.pid));
    const waitedFor: number[] = [];
    const onWait = (pid: number): void => {
      waitedFor.push(pid);
      holder.kill('SIGKILL'); // as kill -9 ends it, without a message
    };
    expect(await withFileLock(lock, onWait, work)).toBe('done under the lock');
    expect(waitedFor).toEqual([holder.pid]);
    expect(existsSync(lock)).toBe(false);
  });

  test('a lock whose process id now belongs to another program does not count', async () => {
    await writeFile(lock, String((await other('sleep', '1000')).pid));
    expect(await withFileLock(lock, nobodyIsThere, work)).toBe('done under the lock');
  });

  test('nor does one that was never written to its end, as on a full disk', async () => {
    await writeFile(lock, '');
    await utimes(lock, 0, 0);
    expect(await withFileLock(lock, nobodyIsThere, work)).toBe('done under the lock');
  });

  test('stops waiting when it is told to', async () => {
    const holder = await other(process.execPath, '-e', 'setInterval(() => {}, 1000)');
    await writeFile(lock, String(holder.pid));
    const stopping = new AbortController();
    await expect(withFileLock(lock, () => stopping.abort(new Error('stopped')), work, stopping.signal)).rejects.toThrow('stopped');
  });
});
