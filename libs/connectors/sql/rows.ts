import type { AccountAttributes, AttributeValue } from '@tenure/domain';
import { Ajv, type ValidateFunction } from 'ajv';

/** A row of `list`, `find` or `read`: Tenure's columns; every other column is an account attribute of its name. */
export interface AccountRow extends Readonly<Record<string, AttributeValue | null>> {
  readonly native_id: string;
  readonly user_name: string;
  readonly external_id: string | null;
  /** True if the account is enabled; NULL: the database does not show it. */
  readonly enabled: boolean | null;
}

const ajv = new Ajv({ allowUnionTypes: true });
const scalar = { type: ['string', 'number', 'boolean', 'null'] };

const isRow: ValidateFunction<AccountRow> = ajv.compile({
  type: 'object',
  required: ['native_id', 'user_name', 'external_id', 'enabled'],
  properties: {
    native_id: { type: 'string', minLength: 1 },
    user_name: { type: 'string', minLength: 1 },
    external_id: { type: ['string', 'null'] },
    enabled: { type: ['boolean', 'null'] },
  },
  additionalProperties: { anyOf: [scalar, { type: 'array', items: { type: 'string' } }] },
});

/** Required content of each column. */
const COLUMNS: Readonly<Record<string, string>> = {
  native_id: 'the id of the account as text (id::text AS native_id)',
  user_name: 'its name as text',
  external_id: 'text or NULL',
  enabled: 'true, false or NULL',
};

/** Account of a row, or the problem of its columns, without values. */
export function accountRow(row: unknown): AccountRow | { readonly wrong: string } {
  if (isRow(row)) return row;
  const [error] = isRow.errors ?? [];
  const column = String(error?.params['missingProperty'] ?? error?.instancePath.split('/')[1] ?? '');
  const wanted = COLUMNS[column] ?? 'text, a number, true or false, a list of texts, or NULL';
  return { wrong: error?.keyword === 'required' ? `the column ${column} is missing: ${wanted}` : `the column ${column} has to be ${wanted}` };
}

/** Row that `create` and `addMember` may return, and statements that return their changed accounts. */
export interface ReturnedRow {
  readonly native_id?: unknown;
  readonly group_id?: unknown;
}

/** Id in a returned row; `null`: it has none. */
export function idIn(row: unknown, column: keyof ReturnedRow): string | null {
  const id = typeof row === 'object' && row !== null && column in row ? (row as ReturnedRow)[column] : null;
  return (typeof id === 'string' && id !== '') || typeof id === 'number' ? String(id) : null;
}

/** Attributes in a row; NULL: the attribute is absent. */
export function attributesOf(row: AccountRow): AccountAttributes {
  const found: Record<string, AttributeValue> = {};
  for (const name of Object.keys(row)) {
    const value = row[name];
    if (value !== null && value !== undefined && !Object.hasOwn(COLUMNS, name)) found[name] = value;
  }
  return found;
}
