import { type LoginRefusal, LoginRefused } from '@tenure/domain';
import type { TakenRecord } from '../../../intake/taken-record.ts';
import type { Refusal } from './refusal.ts';

/**
 * Refuses a login that may belong to several people, or not to the one whom it names: taking its record has opened a case, in which a person decides.
 */
export function recordIsUnambiguous({ outcome, why = 'several', message, recordId }: TakenRecord): Refusal | null {
  if (outcome !== 'ambiguous') return null;
  return { refused: new LoginRefused(refusalOf[why] ?? 'ambiguous', message, { recordId: recordId ?? '' }), keeps: { pending: null, question: null } };
}

const refusalOf: Readonly<Partial<Record<NonNullable<TakenRecord['why']>, LoginRefusal>>> = {
  privileged: 'link-to-privileged',
  bound: 'link-to-bound',
  'not-vouched': 'link-not-vouched',
  'another-subject': 'another-subject',
};
