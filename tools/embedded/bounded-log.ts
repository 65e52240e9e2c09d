import { closeSync, mkdirSync, openSync, renameSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

const maximumSize = 5 * 1024 * 1024;
const tailSize = 16 * 1024;

/** A log file that never takes more than twice its limit. */
export interface BoundedLog {
  write(chunk: Buffer): void;
  /** The last few thousand characters written by this process: what a server said before it died. */
  tail(): string;
  close(): void;
}

/**
 * Opens a log file for appending. Past the limit the file is renamed to `<file>.1`, which replaces the one before.
 * @param limit bytes, 5 MiB by default
 */
export function openBoundedLog(file: string, limit: number = maximumSize): BoundedLog {
  mkdirSync(dirname(file), { recursive: true });
  let descriptor: number | undefined = openSync(file, 'a');
  let size = statSync(file).size;
  let tail = '';
  return {
    write(chunk) {
      tail = (tail + chunk.toString('utf8')).slice(-tailSize);
      if (descriptor === undefined) return;
      if (size > 0 && size + chunk.length > limit) {
        closeSync(descriptor);
        renameSync(file, `${file}.1`);
        descriptor = openSync(file, 'a');
        size = 0;
      }
      writeSync(descriptor, chunk);
      size += chunk.length;
    },
    tail: () => tail,
    close() {
      if (descriptor !== undefined) closeSync(descriptor);
      descriptor = undefined;
    },
  };
}
