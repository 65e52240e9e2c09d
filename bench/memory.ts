import { readFile } from 'node:fs/promises';

/** Resident memory of a process in megabytes; `null` where the system does not report it. */
export async function memoryOf(pid: number): Promise<number | null> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kilobytes = /VmRSS:\s+(\d+)/.exec(text)?.[1];
  return kilobytes === undefined ? null : Number(kilobytes) / 1024;
}
