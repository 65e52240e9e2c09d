import type { AccountAttributes, AttributeValue } from '@tenure/domain';
import { Ajv, type ValidateFunction } from 'ajv';

/** A row of `list`, `find` or `read`: Tenure's columns; every other one is an account attribute of its name. */
export interface AccountRow extends Readonly<Record<string, AttributeValue | null>> {
  readonly native_id: string;
  readonly user_name: string;
  readonly external_id: string | null;
  readonly enabled: boolean;
}

const ajv = new Ajv({ allowUnionTypes: true });
const scalar = { type: ['string', 'number', 'boolean', 'null'] };

export const isAccountRow: ValidateFunction<AccountRow> = ajv.compile({
  type: 'object',
  required: ['native_id', 'user_name', 'external_id', 'enabled'],
  properties: {
    native_id: { type: 'string', minLength: 1 },
    user_name: { type: 'string', minLength: 1 },
    external_id: { type: ['string', 'null'] },
    enabled: { type: 'boolean' },
  },
  additionalProperties: { anyOf: [scalar, { type: 'array', items: { type: 'string' } }] },
});

/** A row of `memberships`. */
export const isMembershipRow: ValidateFunction<{ readonly entitlement: string }> = ajv.compile({
  type: 'object',
  required: ['entitlement'],
  properties: { entitlement: { type: 'string', minLength: 1 } },
});

/** What `create` may return. */
export const isCreatedRow: ValidateFunction<{ readonly native_id: string }> = ajv.compile({
  type: 'object',
  required: ['native_id'],
  properties: { native_id: { type: 'string', minLength: 1 } },
});

/** The attributes in a row; a NULL is none. */
export function attributesOf({ native_id, user_name, external_id, enabled, ...others }: AccountRow): AccountAttributes {
  return Object.fromEntries(Object.entries(others).filter((entry): entry is [string, AttributeValue] => entry[1] !== null));
}
