import { type Connection, Query, type QueryResult } from 'pg';

/** Part of a connection of the driver that its types do not declare. */
interface CopyConnection {
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

/**
 * Statement `copy ... from stdin` with its rows. The driver takes it on a pipelined connection since it is one of its own statements; the protocol allows
 * it there as long as nothing is sent behind it before it has answered.
 */
export class CopyIn extends Query {
  readonly #rows: string;

  constructor(text: string, rows: string, done: (error: Error | undefined, result: QueryResult) => void) {
    super(text, done);
    this.#rows = rows;
  }

  /** Called by the driver when the server waits for the rows. After an error the server ignores them. */
  handleCopyInResponse(connection: Connection): void {
    const copied = connection as unknown as CopyConnection;
    copied.sendCopyFromChunk(Buffer.from(this.#rows, 'utf8'));
    copied.endCopyFrom();
  }
}

const special = /[\\\t\n\r]/;
const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

/** A value in the text format of `copy`; `null`: NULL. */
export function copied(value: string | null): string {
  if (value === null) return '\\N';
  return special.test(value) ? value.replaceAll(/[\\\t\n\r]/g, (found) => escapes[found] ?? found) : value;
}
