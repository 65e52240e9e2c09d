import type { LoginRefused } from '@tenure/domain';
import { responseIssuer } from '../read-response.ts';
import { refuse } from '../refusal.ts';
import type { SentResponse } from './signed-message.ts';

/** Checks that the issuer of a response that names one is the provider (SAML core 3.2.2). */
export function responseIsOfProvider({ response, expected }: SentResponse): LoginRefused | null {
  const issuer = responseIssuer(response);
  return issuer === null || issuer === expected.entityId ? null : refuse('wrong-issuer', 'the response is from another issuer');
}
