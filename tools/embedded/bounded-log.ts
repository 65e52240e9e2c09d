import { closeSync, mkdirSync, openSync, renameSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

const maximumSize = 5 * 1024 * 1024;
const tailSize = 16 * 1024;

/** A log file that never takes more than twice its limit, and that only its owner may read. */
export interface BoundedLog {
  /** Appends to the file. A chunk that cannot be written, as on a full disk, is dropped: a log must not end the process that it is about. */
  write(chunk: Buffer): void;
  /** Last few thousand characters written by this process: the output of a server before it died. */
  tail(): string;
  close(): void;
}

/**
 * Opens a log file for appending. Past the limit the file is renamed to `<file>.1`, which replaces the one before.
 * @param limit bytes, 5 MiB by default
 */
export function openBoundedLog(file: string, limit: number = maximumSize): BoundedLog {
  mkdirSync(dirname(file), { recursive: true });
  const open = (): number => openSync(file, 'a', 0o600);
  let descriptor: number | undefined = open();
  let size = statSync(file).size;
  let tail = '';
  return {
    write(chunk) {
      tail = (tail + chunk.toString('utf8')).slice(-tailSize);
      if (descriptor === undefined) return;
      try {
        if (size > 0 && size + chunk.length > limit) {
          renameSync(file, `${file}.1`);
          const full = descriptor;
          descriptor = open();
          size = 0;
          closeSync(full);
        }
        size += writeSync(descriptor, chunk);
      } catch {
        // Tried again with the next one.
      }
    },
    tail: () => tail,
    close() {
      if (descriptor !== undefined) closeSync(descriptor);
      descriptor = undefined;
    },
  };
}
