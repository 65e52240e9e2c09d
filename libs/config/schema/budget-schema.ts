const limits = (description: string): object => ({
  type: 'object',
  additionalProperties: false,
  properties: Object.fromEntries(
    Object.entries({
      create: 'accounts that are made',
      enable: 'accounts that become usable again',
      disable: 'accounts that are closed, and people who end or go on leave',
      delete: 'accounts that are deleted',
      gain: 'accounts that get something',
      lose: 'accounts that stay and lose something',
    }).map(([kind, meaning]) => [kind, limit(meaning)]),
  ),
  description,
});
const limit = (description: string): object => ({
  type: 'object',
  additionalProperties: false,
  minProperties: 1,
  properties: {
    count: { type: 'integer', minimum: 0, description: 'more people than this wait for release, however many there are' },
    share: { type: 'number', minimum: 0, maximum: 1, description: 'more than this share of the accounts in use there (of everybody who is active) wait ...' },
    from: { type: 'integer', minimum: 0, description: '... once they are more people than this' },
  },
  description,
});

/** `budget:` of the files under policy/. */
export const BUDGET_SCHEMA = {
  type: ['object', 'null'],
  additionalProperties: false,
  description: 'how much may change at once before it waits for a person to release it',
  properties: {
    window: { type: 'string', description: 'ISO 8601 duration over which what takes away is added up for each source (default: PT1H)' },
    owner: {
      type: 'object',
      additionalProperties: false,
      minProperties: 1,
      maxProperties: 1,
      properties: {
        person: { type: 'string', minLength: 1, description: 'a user name' },
        holders: { type: 'string', minLength: 1, description: 'a role or entitlement: everybody who holds it' },
      },
      description: 'who may release or discard, besides the operators',
    },
    limits: limits('in all, and in each target that has none of its own'),
    targets: { type: 'object', additionalProperties: limits('in this target'), description: 'by target' },
  },
};
