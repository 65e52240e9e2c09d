/** Columns of a table that are instants: what the database calls `+00:00`, we call `Z`. */
const isInstant = /(^at|^until|_at|_until|_since|_from|_wake_up)$/;

/** A row as `to_json` writes it, with our names and our instants. */
export function fromJsonRow<T>(row: Readonly<Record<string, unknown>>): T {
  return Object.fromEntries(
    Object.entries(row).map(([column, value]) => [camel(column), isInstant.test(column) && typeof value === 'string' ? new Date(value).toISOString() : value]),
  ) as T;
}

/** Rows for `jsonb_to_recordset`, with the table's names. What is undefined is left out and becomes null. */
export function toJsonRows(rows: readonly object[]): string {
  return JSON.stringify(rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [snake(name), value]))));
}

const camel = remembered((column) => column.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()));
const snake = remembered((name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));

/** There are few columns, and many rows. */
function remembered(translate: (name: string) => string): (name: string) => string {
  const known = new Map<string, string>();
  return (name) => {
    const found = known.get(name) ?? translate(name);
    known.set(name, found);
    return found;
  };
}
