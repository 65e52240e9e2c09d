import { LoginRefused } from '@tenure/domain';
import type { TakenRecord } from '../../../intake/taken-record.ts';
import { type Refusal, refuse } from './refusal.ts';

/** Refuses an unknown person's login unless the provider may create people. */
export function personIsKnown({ identityId, recordId, message }: TakenRecord): Refusal | null {
  return identityId !== null && recordId !== null ? null : refuse(new LoginRefused('may-not-create', message));
}
