import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { ownProgram } from './own-program.ts';

/** One of our own Node processes: the API, the worker, or a part of the demo. */
export interface NodeChild {
  /** Resolves with the first line that `isReady` accepts; rejects when the process ends before. */
  readonly ready: Promise<string>;
  /** Settles when it ends, asked to or not. */
  readonly exited: Promise<{ readonly code: number | null; readonly lastWords: string }>;
  readonly pid: number | undefined;
  /** SIGTERM, and SIGKILL after thirty seconds. May be called twice. */
  stop(): Promise<void>;
}

export interface NodeChildOptions {
  /** Absolute path of its TypeScript entry file; the code that runs is built from it. */
  readonly entry: string;
  readonly arguments?: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  readonly isReady: (line: string) => boolean;
  /** Called with each line that it writes. */
  readonly onLine?: (line: string) => void;
}

const endWithParent = fileURLToPath(new URL('./end-with-parent.ts', import.meta.url));
/** Milliseconds; more than its own bound for stopping, so that one that hangs logs that itself. */
const patience = 30_000;

/** Starts a Node process of ours. It gets a session of its own, so that Ctrl-C reaches the parent alone, which stops things in their order. */
export function startNodeChild({ entry, arguments: more = [], environment, isReady, onLine }: NodeChildOptions): NodeChild {
  const child: ChildProcess = spawn(process.execPath, [...ownProgram(entry, [endWithParent]), ...more], {
    // As in the image.
    env: { MALLOC_ARENA_MAX: '2', ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  const lastLines: string[] = [];
  const complaints: string[] = [];
  let settle: { resolve(line: string): void; reject(error: Error): void } | null = null;
  const ready = new Promise<string>((resolve, reject) => {
    settle = { resolve, reject };
  });
  ready.catch(() => undefined);
  const take = (line: string): void => {
    lastLines.push(line);
    if (lastLines.length > 12) lastLines.shift();
    onLine?.(line);
    if (isReady(line)) settle?.resolve(line);
  };
  for (const stream of [child.stdout, child.stderr]) if (stream) createInterface({ input: stream }).on('line', take);
  // The log goes to standard output: the other one is for the person who started this.
  if (child.stderr) createInterface({ input: child.stderr }).on('line', (line) => void (complaints.push(line) > 40 && complaints.shift()));
  const exited = new Promise<{ code: number | null; lastWords: string }>((resolve) => {
    child.once('close', (code) => {
      const lastWords = (complaints.length > 0 ? complaints : lastLines).join('\n');
      settle?.reject(new Error(lastWords || `${entry} ended with exit code ${code}`));
      resolve({ code, lastWords });
    });
  });
  return {
    ready,
    exited,
    pid: child.pid,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), patience);
      await exited;
      clearTimeout(timer);
    },
  };
}
