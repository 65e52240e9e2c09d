import { CASE_KINDS, WEEKDAYS } from '@tenure/domain';
import { BUDGET_SCHEMA } from './budget-schema.ts';

const NAME = { pattern: '^[A-Za-z][A-Za-z0-9._-]*$', 'x-message': 'a name begins with a letter and has only letters, digits and . _ -' };
const text = (description: string): object => ({ type: 'string', minLength: 1, description });
const cel = (description: string): object => ({ type: 'string', minLength: 1, maxLength: 2000, description });
const duration = (description: string): object => ({ type: 'string', description });
const names = (kind: string): object => ({ type: 'array', items: text(`a ${kind}`), description: `names of ${kind}s` });
const name = { type: 'string', ...NAME, description: 'what decisions and audit call it; keep it stable' };

const owner = {
  type: 'object',
  additionalProperties: false,
  minProperties: 1,
  maxProperties: 1,
  properties: { person: text('a user name'), holders: text('a role or entitlement: everybody who holds it') },
  description: 'who answers for it',
};
const person = (description: string): object => ({
  type: ['string', 'object'],
  minLength: 1,
  pattern: '^(manager|sponsor|owner)$',
  'x-message': 'is manager, sponsor, owner, { person: … } or { holders: … }',
  additionalProperties: false,
  minProperties: 1,
  maxProperties: 1,
  properties: owner.properties,
  description,
});
const approvers = (description: string): object => ({
  type: 'array',
  description,
  items: person('manager, sponsor, owner, { person: … } or { holders: … }'),
});
const relation = (description: string): object => ({
  type: 'object',
  additionalProperties: false,
  required: ['attribute', 'by'],
  properties: {
    attribute: text('the attribute that names them'),
    by: { enum: ['employeeNumber', 'userName', 'email'], description: 'what of theirs it holds' },
  },
  description,
});

/** JSON Schema of the files under policy/ as they are written. Published as docs/schema/policy.schema.json. */
export const POLICY_SCHEMA = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'policy/*.yaml',
  type: ['object', 'null'],
  additionalProperties: false,
  properties: {
    entitlements: {
      type: ['object', 'null'],
      description: 'permissions in targets',
      propertyNames: NAME,
      additionalProperties: {
        type: 'object',
        additionalProperties: false,
        required: ['target'],
        properties: {
          title: text('what people call it'),
          target: text('a target of tenure.yaml, or the built-in tenure'),
          value: { ...text('what the target calls it (a group, a role); absent: an account there and nothing more') },
          owner,
        },
      },
    },
    roles: {
      type: ['object', 'null'],
      description: 'named bundles of entitlements',
      propertyNames: NAME,
      additionalProperties: {
        type: 'object',
        additionalProperties: false,
        required: ['entitlements'],
        properties: { title: text('what people call it'), description: text('what it is for'), entitlements: names('entitlement'), owner },
      },
    },
    birthright: {
      type: ['array', 'null'],
      description: 'what people get because of who they are',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['name', 'when'],
        properties: {
          name,
          description: text('what it is for'),
          when: cel('CEL over `identity` and `now`, bool'),
          roles: names('role'),
          entitlements: names('entitlement'),
          from: cel('CEL, timestamp: not before'),
          duration: duration('ISO 8601 duration, from `from`, else from when the rule began to hold'),
          until: cel('CEL, timestamp: ends then; an absent fact means no end'),
          grace: duration('ISO 8601 duration for which a mover keeps what the rule gave after it stopped holding; absent: gone at once'),
        },
      },
    },
    groups: {
      type: ['array', 'null'],
      description: 'what a group that a login asserts gives, while it does',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['source', 'group'],
        properties: {
          source: text('a source or identity provider'),
          group: text('the group as it is asserted'),
          roles: names('role'),
          entitlements: names('entitlement'),
        },
      },
    },
    lifecycle: {
      type: ['array', 'null'],
      description: 'what happens at the start and at the end; the first rule that holds applies',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['name', 'end'],
        properties: {
          name,
          when: cel('CEL over `identity`, bool; absent: everybody'),
          start: {
            type: 'object',
            additionalProperties: false,
            properties: { createBefore: duration('ISO 8601 duration before the start at which accounts exist, disabled') },
          },
          requires: { ...names('attribute'), description: 'attributes that have to be known, such as a sponsor and an endDate; a case says what is missing' },
          hold: { type: 'boolean', description: 'whether everything is held back until they are known (default: true)' },
          inactivity: {
            type: 'object',
            additionalProperties: false,
            required: ['disable'],
            description: 'what follows when nothing is heard of somebody, by logins and by targets that report it; absent: nothing',
            properties: {
              warn: duration('ISO 8601 duration, from the end of the last day of which something was heard: the person is warned'),
              disable: duration('ISO 8601 duration, from there too: accounts are disabled'),
              remove: duration('ISO 8601 duration, from there too: accounts are deleted; absent: never'),
              exempt: { ...names('group'), description: 'groups that logins assert: whoever is in one of them is never inactive' },
              reactivate: { enum: ['ask', 'login'], description: 'what brings back who was disabled: a person who is asked (default), or a login' },
            },
          },
          extension: {
            type: 'object',
            additionalProperties: false,
            required: ['ask', 'maximum'],
            description: 'how the sponsor (see relations) may make an endDate later; absent: not at all',
            properties: {
              ask: duration('ISO 8601 duration before the end at which the sponsor is asked'),
              maximum: duration('ISO 8601 duration: how much later one extension may make the end'),
              inAll: duration('ISO 8601 duration: how much later than the source says all of them may make it; `maximum` unless set'),
            },
          },
          end: {
            type: 'object',
            additionalProperties: false,
            required: ['grace', 'then'],
            properties: {
              grace: duration('ISO 8601 duration between the end and `then`'),
              then: { enum: ['keep', 'delete'], description: 'what becomes of the disabled accounts' },
              transfer: {
                type: 'object',
                additionalProperties: false,
                required: ['to', 'what'],
                description: 'who is asked to take over what, when somebody leaves',
                properties: {
                  to: {
                    type: 'object',
                    additionalProperties: false,
                    required: ['attribute', 'by'],
                    description: 'who takes over, as a rule the manager',
                    properties: {
                      attribute: text('the attribute that names them'),
                      by: { enum: ['employeeNumber', 'userName', 'email'], description: 'what of theirs it holds' },
                    },
                  },
                  what: {
                    type: 'array',
                    minItems: 1,
                    uniqueItems: true,
                    items: { enum: ['owned-groups', 'delegated-approvals', 'service-accounts'], description: 'something that a leaver leaves behind' },
                    description: 'what is to be taken over',
                  },
                },
              },
              lookAgain: duration('ISO 8601 duration after which a confirmed end is read once more (default: PT4H; PT0S: never)'),
            },
          },
        },
      },
    },
    separation: {
      type: ['array', 'null'],
      description: 'what nobody may hold together (separation of duties)',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['name', 'conflicting'],
        properties: {
          name,
          description: text('what it is for'),
          when: cel('CEL over `identity`, bool: whom it concerns; absent: everybody'),
          conflicting: {
            type: 'array',
            minItems: 2,
            description: 'roles and entitlements that exclude each other; what stands in a list of its own goes together',
            items: {
              type: ['string', 'array'],
              minLength: 1,
              minItems: 1,
              items: text('a role or entitlement'),
              description: 'a role or entitlement, or a list of those that go together',
            },
          },
          atMost: { type: 'integer', minimum: 1, description: 'from how many of them something may be held at a time; 1 unless set' },
          priority: { ...names('role or entitlement'), description: 'what stays in a conflict, best first; then what was held first' },
          owner: { ...owner, description: 'who may allow an exception; absent: nobody' },
          detective: {
            type: 'boolean',
            description: 'who breaks it keeps what they hold, and a case says so; what is asked for is refused all the same (default: false)',
          },
        },
      },
    },
    relations: {
      type: ['object', 'null'],
      description: 'which attribute of a person names another',
      additionalProperties: false,
      properties: { manager: relation('whom the person reports to'), sponsor: relation('who answers for a contractor or partner') },
    },
    calendars: {
      type: ['object', 'null'],
      description: 'when people work; deadlines that name one are counted in its working time',
      propertyNames: NAME,
      additionalProperties: {
        type: 'object',
        additionalProperties: false,
        required: ['timeZone', 'days', 'hours'],
        properties: {
          timeZone: text('IANA name of the zone in which its days begin and end'),
          days: {
            type: 'array',
            minItems: 1,
            uniqueItems: true,
            items: { enum: WEEKDAYS, description: 'a working day' },
            description: 'days of the week on which work is done',
          },
          hours: {
            type: 'string',
            pattern: '^([01]\\d|2[0-3]):[0-5]\\d-(([01]\\d|2[0-3]):[0-5]\\d|24:00)$',
            'x-message': 'is a time of day to a later one, like "09:00-17:00"',
            description: 'from when to when, the same on each of its days: 09:00-17:00',
          },
          holidays: { type: 'array', uniqueItems: true, items: text('a day, YYYY-MM-DD'), description: 'days on which no work is done' },
        },
      },
    },
    budget: BUDGET_SCHEMA,
    cases: {
      type: ['array', 'null'],
      description: 'whose cases are and by when they should be answered; the first rule that names a kind applies',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['name'],
        properties: {
          name,
          kinds: {
            type: 'array',
            minItems: 1,
            uniqueItems: true,
            items: { enum: [...CASE_KINDS], description: 'a kind of case' },
            description: 'kinds of cases; absent: every kind',
          },
          owner: person('who is asked: manager, sponsor, owner (of what it is about), { person: … } or { holders: … }; absent: any operator'),
          deadline: duration('ISO 8601 duration from when it was opened, and again from its escalation; absent: the usual one of its kind'),
          escalateTo: person('whose it becomes after the deadline; absent: the operators'),
        },
      },
    },
    requestable: {
      type: ['array', 'null'],
      description: 'what people may ask for; the first rule that names it and whose `when` holds applies',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['name', 'longest', 'stages'],
        properties: {
          name,
          description: text('what it is for'),
          when: cel('CEL over `identity`, bool: for whom it may be asked; absent: everybody'),
          roles: names('role'),
          entitlements: names('entitlement'),
          longest: duration('ISO 8601 duration: the longest that may be asked for, counted from approval'),
          stages: {
            type: 'array',
            description: 'who has to approve, one stage after another; none: granted when asked',
            items: {
              type: 'object',
              additionalProperties: false,
              required: ['name', 'approvers', 'deadline'],
              properties: {
                name,
                approvers: { ...approvers('who is asked'), minItems: 1 },
                quorum: { type: 'integer', minimum: 1, description: 'how many different people have to approve; 1 unless set' },
                remindAfter: duration('ISO 8601 duration after which, and again, those who have not answered are reminded'),
                deadline: duration('ISO 8601 duration from when the stage began, and again from its escalation'),
                calendar: text('a calendar: reminder and deadline are counted in its working time'),
                escalateTo: approvers('who is asked besides after the deadline; absent: the managers of those who were asked'),
                otherwise: { enum: ['deny', 'approve'], description: 'what stands when nobody answers by the last deadline; deny unless set' },
              },
            },
          },
        },
      },
    },
  },
};
