import type { EntityManager } from '@mikro-orm/postgresql';
import { run } from './statement.ts';

/** Columns of a table that are instants: what the database calls `+00:00`, we call `Z`. */
const isInstant = /(^at|^until|_at|_until|_since|_from|_wake_up)$/;

/** A row as `to_json` writes it, with our names and our instants. */
export function fromJsonRow<T>(row: Readonly<Record<string, unknown>>): T {
  const found: Record<string, unknown> = {};
  for (const column of Object.keys(row)) {
    const value = row[column];
    const name = camel(column);
    found[name] = typeof value === 'string' && holdsInstants(column) ? new Date(value).toISOString() : value;
  }
  return found as T;
}

/** Rows of a statement, each as one text: taking it apart costs a fraction of what the ORM's entities cost. The statement is planned once for each connection. */
export async function readRows<T>(em: EntityManager, text: string, values: readonly unknown[]): Promise<T[]> {
  const rows = await run<{ row: string }>(em, `select to_json(x)::text as row from (${text}) x`, values);
  return rows.map(({ row }) => fromJsonRow<T>(JSON.parse(row) as Readonly<Record<string, unknown>>));
}

/** Rows for `jsonb_to_recordset`, with the table's names. What is undefined is left out and becomes null. */
export function toJsonRows(rows: readonly object[]): string {
  return JSON.stringify(rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [snake(name), value]))));
}

const holdsInstants = remembered((column) => isInstant.test(column));
const camel = remembered((column) => column.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()));
const snake = remembered((name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));

/** There are few columns, and many rows. */
function remembered<T>(translate: (name: string) => T): (name: string) => T {
  const known = new Map<string, T>();
  return (name) => {
    const found = known.get(name) ?? translate(name);
    known.set(name, found);
    return found;
  };
}
