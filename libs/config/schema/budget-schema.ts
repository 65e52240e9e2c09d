import { DEFAULT_LIMITS, DEFAULT_URGENT_ENDS, DEFAULT_WINDOW, type ChangeLimit } from '@tenure/domain';
import { duration, owner } from './parts.ts';

const limit = (description: string, { count, share, from }: ChangeLimit): object => ({
  type: 'object',
  additionalProperties: false,
  minProperties: 1,
  properties: {
    count: { type: 'integer', minimum: 0, default: count, description: 'a change of more people than this waits for approval' },
    share: {
      type: 'number',
      minimum: 0,
      maximum: 1,
      default: share,
      description:
        'a change of more than this share of the accounts in use there (in all: of the active people) waits for approval, if it is also above `from`',
    },
    from: { type: 'integer', minimum: 0, default: from, description: 'number of people up to which `share` does not apply' },
  },
  description,
});
const limits = (description: string): object => ({
  type: 'object',
  additionalProperties: false,
  properties: {
    delete: limit('accounts that are deleted', DEFAULT_LIMITS.delete),
    disable: limit('accounts that are disabled, and people who are terminated or go on leave', DEFAULT_LIMITS.disable),
    lose: limit('accounts that lose entitlements', DEFAULT_LIMITS.lose),
    create: limit('accounts that are created', DEFAULT_LIMITS.create),
    enable: limit('accounts that are enabled again', DEFAULT_LIMITS.enable),
    gain: limit('accounts that get entitlements', DEFAULT_LIMITS.gain),
    update: limit('accounts whose attributes corrections of reconciliation write back', DEFAULT_LIMITS.update),
  },
  description,
});

/** Schema of `budget:` of the files under policy/. */
export const BUDGET_SCHEMA = {
  type: ['object', 'null'],
  additionalProperties: false,
  description: 'change budget: limits above which a change waits for approval',
  properties: {
    window: { ...duration('time over which removals are added up for each source', 'P1D'), default: DEFAULT_WINDOW },
    urgentEnds: {
      type: 'integer',
      minimum: 0,
      maximum: 500,
      default: DEFAULT_URGENT_ENDS,
      description: 'number of people whom one caller may terminate at once within an hour (terminateNow); more wait for a second person',
    },
    owner: { ...owner, description: 'approver of batch changes besides the operators' },
    limits: limits('limits in all, and in each target without limits of its own'),
    targets: { type: 'object', additionalProperties: limits('limits in this target'), description: 'limits by target; absent ones are those of `limits`' },
  },
};
