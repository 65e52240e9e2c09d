// Parts of the policy's schema. `x-kind` and `examples` are for the reference (docs/policy-reference.md) and for editors.

/** Pattern of names in the policy. */
export const NAME = { pattern: '^[A-Za-z][A-Za-z0-9._-]*$', 'x-message': 'a name begins with a letter and has only letters, digits and . _ -' };

export const text = (description: string, example?: string): object => ({
  type: 'string',
  minLength: 1,
  description,
  ...(example === undefined ? {} : { examples: [example] }),
});
export const cel = (description: string, example = 'identity.department == "Finance"'): object => ({
  type: 'string',
  minLength: 1,
  maxLength: 2000,
  'x-kind': 'CEL',
  description,
  examples: [example],
});
export const duration = (description: string, example = 'P30D'): object => ({ type: 'string', 'x-kind': 'duration', description, examples: [example] });
export const names = (kind: string, example: readonly string[]): object => ({
  type: 'array',
  items: text(`name of ${/^[aeiou]/.test(kind) ? 'an' : 'a'} ${kind}`),
  description: `names of ${kind}s`,
  examples: [example],
});
export const roleNames = names('role', ['finance-clerk']);
export const entitlementNames = names('entitlement', ['crm.finance']);
export const ruleName = { type: 'string', ...NAME, description: 'name in decisions and audit; keep it stable', examples: ['finance-department'] };

export const owner = {
  type: 'object',
  'x-kind': '`{ person }` or `{ holders }`',
  additionalProperties: false,
  minProperties: 1,
  maxProperties: 1,
  properties: { person: text('a user name', 'grace.hopper'), holders: text('a role or entitlement: everybody with this grant', 'finance-lead') },
  description: 'owner: a person, or everybody with a role or entitlement',
  examples: [{ holders: 'finance-lead' }],
};
export const person = (description: string): object => ({
  type: ['string', 'object'],
  'x-kind': '`manager`, `sponsor`, `owner`, `{ person }` or `{ holders }`',
  minLength: 1,
  pattern: '^(manager|sponsor|owner)$',
  'x-message': 'is manager, sponsor, owner, { person: … } or { holders: … }',
  additionalProperties: false,
  minProperties: 1,
  maxProperties: 1,
  properties: owner.properties,
  description,
  examples: ['manager'],
});
export const approvers = (description: string): object => ({
  type: 'array',
  description,
  items: person('manager, sponsor, owner, { person: … } or { holders: … }'),
  examples: [['manager', { holders: 'finance-lead' }]],
});
/** Relation between people by an attribute of one that names the other. */
export const relation = (description: string): object => ({
  type: 'object',
  additionalProperties: false,
  required: ['attribute', 'by'],
  properties: {
    attribute: text('attribute of the person that names the related person', 'manager'),
    by: { enum: ['employeeNumber', 'userName', 'email'], description: 'attribute of the related person that it contains' },
  },
  description,
});
