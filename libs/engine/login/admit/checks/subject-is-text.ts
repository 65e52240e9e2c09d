import { isPlainText, LoginRefused } from '@tenure/domain';
import type { ProvenLogin } from '../proven-login.ts';
import { type Refusal, refuse } from './refusal.ts';

/** Refuses a subject that no database column can store: it would come back as somebody else's. */
export function subjectIsText({ subject }: Pick<ProvenLogin, 'subject'>): Refusal | null {
  return isPlainText(subject) ? null : refuse(new LoginRefused('malformed', 'the subject is not a text'));
}
