import { DEFAULT_LIMITS, DEFAULT_URGENT_ENDS, DEFAULT_WINDOW, type ChangeLimit } from '@tenure/domain';
import { duration, owner } from './parts.ts';

const limit = (description: string, { count, share, from }: ChangeLimit): object => ({
  type: 'object',
  additionalProperties: false,
  minProperties: 1,
  properties: {
    count: { type: 'integer', minimum: 0, default: count, description: 'more people than this wait for release, however many there are' },
    share: {
      type: 'number',
      minimum: 0,
      maximum: 1,
      default: share,
      description: 'more than this share of the accounts in use there (of everybody who is active) wait ...',
    },
    from: { type: 'integer', minimum: 0, default: from, description: '... once they are more people than this' },
  },
  description,
});
const limits = (description: string): object => ({
  type: 'object',
  additionalProperties: false,
  properties: {
    delete: limit('accounts that are deleted', DEFAULT_LIMITS.delete),
    disable: limit('accounts that are closed, and people who end or go on leave', DEFAULT_LIMITS.disable),
    lose: limit('accounts that stay and lose something', DEFAULT_LIMITS.lose),
    create: limit('accounts that are made', DEFAULT_LIMITS.create),
    enable: limit('accounts that become usable again', DEFAULT_LIMITS.enable),
    gain: limit('accounts that get something', DEFAULT_LIMITS.gain),
  },
  description,
});

/** `budget:` of the files under policy/. */
export const BUDGET_SCHEMA = {
  type: ['object', 'null'],
  additionalProperties: false,
  description: 'how much may change at once before it waits for a person to release it',
  properties: {
    window: { ...duration('over which what takes away is added up for each source', 'P1D'), default: DEFAULT_WINDOW },
    urgentEnds: {
      type: 'integer',
      minimum: 0,
      maximum: 500,
      default: DEFAULT_URGENT_ENDS,
      description: 'number of people whom one caller may terminate at once within an hour (terminateNow); more wait for a second person',
    },
    owner: { ...owner, description: 'who may release or discard, besides the operators' },
    limits: limits('in all, and in each target that has none of its own'),
    targets: { type: 'object', additionalProperties: limits('in this target'), description: 'by target; what is left out is that of `limits`' },
  },
};
