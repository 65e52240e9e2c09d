import { readFile, rename, writeFile } from 'node:fs/promises';
import { isNotThere } from './error-code.ts';

/** Reason why a store is empty: there was none yet, or there was one that did not fit or got lost. */
export type StoreBeginning = 'new' | 'reset';

/** State that an embedded server keeps from one start to the next. Losing it costs new ports, nothing else. */
export interface ServerState {
  /** Process id of the server that was started last. */
  readonly pid?: number;
  /** Process id of the starter. */
  readonly owner?: number;
  readonly ports?: Readonly<Record<string, number>>;
  /** Program that wrote the store, where different programs cannot share one. */
  readonly store?: string;
  /** The store began empty, and no start has come to its end since. */
  readonly beginning?: StoreBeginning;
}

/** Reads the state; an absent or unreadable file counts as a first start. */
export async function readState(file: string): Promise<ServerState> {
  try {
    const state: unknown = JSON.parse(await readFile(file, 'utf8'));
    return typeof state === 'object' && state !== null ? state : {};
  } catch (error) {
    if (isNotThere(error) || error instanceof SyntaxError) return {};
    throw error;
  }
}

/** Writes the state so that a kill in the middle leaves the old one. */
export async function writeState(file: string, state: ServerState): Promise<void> {
  await writeFile(`${file}.new`, `${JSON.stringify(state, null, 2)}\n`);
  await rename(`${file}.new`, file);
}
