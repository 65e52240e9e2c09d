import { parseArgs } from 'node:util';

/** Command-line options with which a target was started. */
export interface ProcessOptions {
  readonly port: number;
  /** Path of its data: a file or a directory. */
  readonly data: string | null;
}

/**
 * Runs a target as a process of its own: reads `--port` and `--data`, prints one line `ready <url>` when it can be used,
 * and stops at SIGTERM or SIGINT.
 */
export async function runAsProcess(start: (options: ProcessOptions) => Promise<{ readonly url: string; stop(): Promise<void> }>): Promise<void> {
  const { values } = parseArgs({ options: { port: { type: 'string' }, data: { type: 'string' } } });
  const port = Number(values.port ?? 0);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error('--port has to be a port number');
  const target = await start({ port, data: values.data ?? null });
  let stopping = false;
  const stop = (): void => {
    // Signals often come twice, to the process and to its group; the second must not cut the stopping short.
    if (stopping) return;
    stopping = true;
    target.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  console.log(`ready ${target.url}`);
}

/** Reads a secret from the environment; command lines can be read by everybody on the machine. */
export function secretFrom(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} has to be set in the environment`);
  return value;
}
