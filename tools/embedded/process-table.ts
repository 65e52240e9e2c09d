import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { errorCode, isNotThere } from './error-code.ts';

/** A running process as the system describes it. */
export interface RunningProcess {
  readonly parent: number;
  /** Program and arguments, joined by spaces. */
  readonly command: string;
}

/** Looks up a process by its id; `null` when there is none or only a finished one is left of it. */
export async function findProcess(pid: number): Promise<RunningProcess | null> {
  return process.platform === 'linux' ? fromProc(pid) : fromPs(pid);
}

// Read from /proc because small container images have no ps.
async function fromProc(pid: number): Promise<RunningProcess | null> {
  try {
    const [stat, commandLine] = await Promise.all([readFile(`/proc/${pid}/stat`, 'utf8'), readFile(`/proc/${pid}/cmdline`, 'utf8')]);
    // "pid (name) state parent ...", and the name may contain spaces and parentheses.
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (state === 'Z' || state === 'X') return null;
    return { parent: Number(parent), command: commandLine.split('\0').join(' ').trim() };
  } catch (error) {
    if (isNotThere(error) || errorCode(error) === 'ESRCH') return null; // ESRCH: gone while reading
    throw error;
  }
}

async function fromPs(pid: number): Promise<RunningProcess | null> {
  const columns = ['-ww', '-o', 'ppid=', '-o', 'state=', '-o', 'command=', '-p', String(pid)];
  // ps ends with an error code when there is no such process.
  const answer = await promisify(execFile)('ps', columns).catch(() => null);
  const match = /^\s*(\d+)\s+(\S+)\s+(.*)$/s.exec(answer?.stdout ?? '');
  if (!match?.[1] || match[2]?.startsWith('Z')) return null;
  return { parent: Number(match[1]), command: (match[3] ?? '').trim() };
}
