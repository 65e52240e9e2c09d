import type { LoginRefused } from '@tenure/domain';
import { attributeOf } from '../parse-xml.ts';
import { refuse } from '../refusal.ts';
import type { SentResponse } from './signed-message.ts';

/** Checks that a response answers the request that was made, or none where none was (SAML core 3.2.2). */
export function responseAnswersRequest({ response, expected }: SentResponse): LoginRefused | null {
  return attributeOf(response, 'InResponseTo') === expected.inResponseTo ? null : refuse('in-response-to-mismatch', 'the response answers another request');
}
