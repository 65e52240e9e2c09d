import { spawn } from 'node:child_process';
import { openBoundedLog } from './bounded-log.ts';
import { stopWithParent } from './stop-with-parent.ts';

/** Command of a server that runs as a child process. */
export interface ServerCommand {
  readonly program: string;
  readonly arguments: readonly string[];
  readonly environment?: NodeJS.ProcessEnv;
  readonly user?: { readonly uid: number; readonly gid: number } | null;
  readonly logFile: string;
  /** Signals from gentle to hard, each with the milliseconds to wait before the next. */
  readonly stopSignals: readonly (readonly [signal: NodeJS.Signals, wait: number])[];
}

/** End of a child process. */
export interface ServerExit {
  readonly code: number | null;
  /** Reason as in messages: "exit code 1", "signal SIGKILL". */
  readonly reason: string;
}

/** A server that runs as a child of this process. */
export interface ServerProcess {
  /** `undefined` when the program could not be run at all. */
  readonly pid: number | undefined;
  readonly exited: Promise<ServerExit>;
  /** End of the server, or `undefined` while it runs. */
  ended(): ServerExit | undefined;
  /** The last lines it wrote. */
  lastOutput(): string;
  /** Stops it and waits for its end; harmless when it has ended. */
  stop(): Promise<void>;
}

/**
 * Starts a server. Its output goes to a log file of bounded size.
 *
 * It gets a session of its own, so that Ctrl-C in a terminal reaches this process alone, which then stops things in
 * their order. It is stopped when this process ends, even with kill -9.
 */
export function startServerProcess(command: ServerCommand): ServerProcess {
  const log = openBoundedLog(command.logFile);
  const child = spawn(command.program, command.arguments, {
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: command.environment ?? process.env,
    ...(command.user ? { uid: command.user.uid, gid: command.user.gid } : {}),
  });
  child.stdout.on('data', log.write);
  child.stderr.on('data', log.write);
  child.stdin.on('error', () => undefined); // it may close its end: nothing is ever written

  // An exit without stop(), as after an uncaught error, leaves time for one signal.
  const stopAtExit = () => child.kill(command.stopSignals[0]?.[0]);
  process.on('exit', stopAtExit);
  const endWatch = child.pid === undefined ? undefined : stopWithParent(child.pid, command.stopSignals[0]?.[0] ?? 'SIGTERM');

  let end: ServerExit | undefined;
  const exited = new Promise<ServerExit>((resolve) => {
    const finish = (code: number | null, reason: string) => {
      end ??= { code, reason };
      process.removeListener('exit', stopAtExit);
      endWatch?.();
      log.close();
      resolve(end);
    };
    child.once('error', (error) => finish(null, error.message));
    child.once('close', (code, signal) => finish(code, signal ? `signal ${signal}` : `exit code ${code}`));
  });
  return {
    pid: child.pid,
    exited,
    ended: () => end,
    lastOutput: log.tail,
    async stop() {
      for (const [signal, wait] of command.stopSignals) {
        if (end) return;
        child.kill(signal);
        if (await endsWithin(exited, wait)) return;
      }
      await exited;
    },
  };
}

function endsWithin(exited: Promise<ServerExit>, milliseconds: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), milliseconds);
    void exited.then(() => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}
