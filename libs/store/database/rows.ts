import type { EntityManager } from '@mikro-orm/postgresql';
import { run } from './statement.ts';

/** Names of columns that are instants: their `+00:00` of the database becomes `Z`. */
const isInstant = /(^at|^until|_at|_until|_since|_from|_wake_up)$/;

/** Converts a row of `to_json`: names to camel case, instants to RFC 3339 with `Z`. */
export function fromJsonRow<T>(row: Readonly<Record<string, unknown>>): T {
  const found: Record<string, unknown> = {};
  for (const column of Object.keys(row)) {
    const value = row[column];
    const name = camel(column);
    found[name] = typeof value === 'string' && holdsInstants(column) ? new Date(value).toISOString() : value;
  }
  return found as T;
}

/** Rows of a statement, each read as one JSON text: parsing costs a fraction of the ORM's entities. The statement is planned once per connection. */
export async function readRows<T>(em: EntityManager, text: string, values: readonly unknown[]): Promise<T[]> {
  const rows = await run<{ row: string }>(em, `select to_json(x)::text as row from (${text}) x`, values);
  return rows.map(({ row }) => fromJsonRow<T>(JSON.parse(row) as Readonly<Record<string, unknown>>));
}

/** Rows for `jsonb_to_recordset`, with the names of columns. Undefined values are left out and become null. */
export function toJsonRows(rows: readonly object[]): string {
  return JSON.stringify(rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [snake(name), value]))));
}

const holdsInstants = remembered((column) => isInstant.test(column));
const camel = remembered((column) => column.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()));
const snake = remembered((name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));

/** Caches translated names: there are few columns, and many rows. */
function remembered<T>(translate: (name: string) => T): (name: string) => T {
  const known = new Map<string, T>();
  return (name) => {
    const found = known.get(name) ?? translate(name);
    known.set(name, found);
    return found;
  };
}
