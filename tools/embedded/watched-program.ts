import { spawn } from 'node:child_process';
import { until } from './until.ts';

/** A program that is run to its end for its result, such as a download. */
export interface WatchedProgram {
  readonly program: string;
  readonly arguments: readonly string[];
  readonly environment?: NodeJS.ProcessEnv;
  readonly directory?: string;
  /** Progress: any text that changes while it advances, and is empty before that. */
  readonly progress: () => Promise<string>;
  /** Milliseconds without progress after which it is ended: before the first sign of progress, and after it. */
  readonly patience: { readonly first: number; readonly further: number };
  /** Milliseconds after which it is ended in any case. */
  readonly limit: number;
  readonly signal?: AbortSignal | undefined;
}

/** End of the program. */
export interface WatchedEnd {
  /** `0` when all is well, `null` when it was ended or could not be run. */
  readonly code: number | null;
  /** True if it was ended because it made no progress. */
  readonly stalled: boolean;
  /** End of its output, standard output and standard error together. */
  readonly output: string;
}

const outputKept = 8_000;
const endTimeout = 5_000;

/**
 * Runs a program, and ends it when it makes no progress any more.
 * @throws the reason of `signal` when that is given
 */
export async function runWatched(watched: WatchedProgram): Promise<WatchedEnd> {
  const { program, patience, limit, signal } = watched;
  signal?.throwIfAborted();
  const child = spawn(program, watched.arguments, {
    env: watched.environment ?? process.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(watched.directory === undefined ? {} : { cwd: watched.directory }),
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString('utf8')).slice(-outputKept);
    });
  }
  let end: { readonly code: number | null } | undefined;
  child.once('close', (code) => (end ??= { code }));
  child.once('error', (error) => {
    output += error.message;
    end ??= { code: null };
  });

  const begun = performance.now();
  let last = { sign: '', at: begun };
  const stalled = async (): Promise<boolean> => {
    const sign = await watched.progress();
    const now = performance.now();
    if (sign !== last.sign) last = { sign, at: now };
    return now - last.at > (sign === '' ? patience.first : patience.further) || now - begun > limit;
  };
  const verdict = await until(async () => (end || signal?.aborted ? 'ended' : (await stalled()) ? 'stalled' : undefined), {
    timeout: Number.POSITIVE_INFINITY,
  });
  if (!end) child.kill('SIGKILL');
  await until(() => end, { timeout: endTimeout });
  signal?.throwIfAborted();
  return { code: end?.code ?? null, stalled: verdict === 'stalled', output };
}
