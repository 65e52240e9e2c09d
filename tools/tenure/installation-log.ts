import { join } from 'node:path';
import { openBoundedLog } from '../embedded/bounded-log.ts';
import { foldWarnings } from './fold-warnings.ts';
import { type LogLine, readLogLine } from './log-line.ts';

/** Log of everything that `npm start` runs: all of it in a file, warnings and errors at the terminal too. */
export interface InstallationLog {
  readonly file: string;
  /** A line that the API or the worker has written. */
  take(line: string, process: string): void;
  /** Logs a sentence of `npm start` itself. */
  note(sentence: string): void;
  close(): void;
}

export interface InstallationLogOptions {
  readonly home: string;
  /** Gets the warnings, a line each, with those folded that come again and again. */
  readonly warn: (line: string) => void;
  /** Bytes after which the file is put aside; twice that is the most it takes. */
  readonly limit?: number;
}

const warningLevel = 40;
/** Milliseconds. */
const lookEvery = 5_000;

/**
 * Opens the log for appending, so that lines of an earlier start stay. Only its owner may read it: lines of ours name ids alone, but the output of
 * the JavaScript engine when a process breaks down is not ours.
 * @throws Error of the system when it cannot be written
 */
export function openInstallationLog({ home, warn, limit }: InstallationLogOptions): InstallationLog {
  const file = join(home, 'logs', 'tenure.log');
  const log = openBoundedLog(file, limit);
  const fold = foldWarnings();
  const write = (line: string): void => log.write(Buffer.from(`${line}\n`));
  const looking = setInterval(() => {
    for (const line of fold.due(performance.now())) warn(line);
  }, lookEvery);
  looking.unref();
  return {
    file,
    take(line, process) {
      write(line);
      const entry = readLogLine(line, process) ?? notAnEntry(line, process, file);
      if (entry === null || entry.level < warningLevel) return;
      const shown = fold.take(entry, performance.now());
      if (shown !== null) warn(shown);
    },
    note(sentence) {
      write(JSON.stringify({ level: 30, time: new Date().toISOString(), name: 'start', msg: sentence }));
    },
    close() {
      clearInterval(looking);
      log.close();
    },
  };
}

/** Placeholder for a line that is no entry of a log: nothing ensures that it contains no personal data, so only its existence is shown. */
function notAnEntry(line: string, process: string, file: string): LogLine | null {
  if (line.trim() === '') return null;
  return {
    level: warningLevel,
    process,
    message: `wrote what is no log entry: see ${file}`,
    time: new Date().toISOString(),
    errors: [],
    kinds: [],
    details: {},
  };
}
