import { USER_TYPES } from '@tenure/domain';

const text = (description: string): object => ({ type: 'string', minLength: 1, description });
const names = (description: string): object => ({ type: 'array', items: text('a role or entitlement'), description });

/** JSON Schema of the files under policy/tests/: people, and the access that the policy must grant them. */
export const POLICY_TESTS_SCHEMA = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'policy/tests/*.yaml',
  type: 'object',
  additionalProperties: false,
  required: ['people'],
  properties: {
    people: {
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['title', 'now', 'records', 'expect'],
        properties: {
          title: text('title of the test'),
          now: text('instant of the evaluation, RFC 3339 with a zone'),
          userType: { enum: USER_TYPES, description: 'employee unless set' },
          records: {
            type: 'array',
            minItems: 1,
            items: {
              type: 'object',
              additionalProperties: false,
              required: ['source'],
              properties: {
                source: text('a source or identity provider of tenure.yaml'),
                status: { enum: ['active', 'ended'], description: 'status of the relationship; absent: the source does not state it' },
                endedAt: text('an instant, or the last day'),
                facts: { type: 'object', description: 'attribute to value; null: there is none' },
                groups: { type: 'array', items: text('a group'), description: 'groups that the login asserts' },
              },
            },
          },
          expect: {
            type: 'object',
            additionalProperties: false,
            minProperties: 1,
            'x-renamed': { holds: 'has', refused: 'hasNot' },
            properties: {
              state: { enum: ['pre-hire', 'active', 'suspended', 'leaving', 'left'], description: 'lifecycle state' },
              has: names('roles and entitlements that the person has to have'),
              hasNot: names('roles and entitlements that the person must not have'),
              exactly: names('all grants of the person, and nothing else'),
              until: {
                type: 'object',
                additionalProperties: text('an instant, or "no end"'),
                description: 'role or entitlement to its end: that of the grant, or the termination of the person if that is earlier',
              },
            },
          },
        },
      },
    },
  },
};
