import { WEEKDAYS } from '@tenure/domain';

const text = (description: string): object => ({ type: 'string', minLength: 1, description });

/** Schema of the hours in which a target is not read by itself. */
export const quietHours = {
  description: 'hours in which no run begins by itself, and one under way pauses; requested runs are not affected (default: those of all targets, else none)',
  'x-message': 'must be { hours: "08:00-18:00" }, with days and timeZone where needed, or none',
  anyOf: [
    { const: 'none' },
    {
      type: 'object',
      additionalProperties: false,
      required: ['hours'],
      properties: {
        hours: {
          type: 'string',
          pattern: '^([01]\\d|2[0-3]):[0-5]\\d-(([01]\\d|2[0-3]):[0-5]\\d|24:00)$',
          description: 'a time of day to another one, which is of the next day where it is earlier',
          examples: ['08:00-18:00', '22:00-04:00'],
        },
        days: {
          type: 'array',
          minItems: 1,
          uniqueItems: true,
          items: { enum: WEEKDAYS, description: 'a day' },
          description: 'days on which they begin (default: every day)',
        },
        timeZone: text('IANA name of the zone of the hours (default: timeZone of the installation)'),
      },
    },
  ],
};

/** Schemas of what a run reads and looks for besides, by setting. */
export const readingProperties = {
  quietHours,
  canaries: {
    type: 'array',
    uniqueItems: true,
    items: text('user name there'),
    description:
      'user names that every listing has to contain: a run in which one is missing is not believed (default: none; the accounts confirmed last are checked anyway)',
    examples: [['svc-canary']],
  },
  unmanagedGroups: {
    description: 'groups unknown to policy whose memberships are findings: true for all, or a list of names in which * stands for any text (default: false)',
    'x-message': 'must be true, false or a list of names, in which * stands for any text',
    anyOf: [{ type: 'boolean' }, { type: 'array', uniqueItems: true, items: text('name of a group; * stands for any text') }],
    examples: [['app-*', 'vpn']],
  },
  dormantAfter: {
    type: 'string',
    pattern: '^P',
    'x-message': 'is no ISO 8601 duration; write it like P90D',
    description: 'time without use after which an account is a finding, by lastActivity (default: dormant accounts are not looked for)',
    examples: ['P90D'],
  },
};
