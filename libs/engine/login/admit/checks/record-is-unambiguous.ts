import { type LoginRefusal, LoginRefused } from '@tenure/domain';
import type { TakenRecord } from '../../../intake/taken-record.ts';
import type { Refusal } from './refusal.ts';

/** A login that may be of several people, or not of the one whom it names, is decided by a person: taking its record has opened a case. */
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
