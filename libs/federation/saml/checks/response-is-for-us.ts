import type { LoginRefused } from '@tenure/domain';
import { attributeOf } from '../parse-xml.ts';
import { refuse } from '../refusal.ts';
import type { SentResponse } from './signed-message.ts';

/** Checks that the destination of a response that names one is our address (SAML core 3.2.2). */
export function responseIsForUs({ response, expected }: SentResponse): LoginRefused | null {
  const destination = attributeOf(response, 'Destination');
  return destination === null || destination === expected.recipient ? null : refuse('wrong-destination', 'the response was sent to another address');
}
