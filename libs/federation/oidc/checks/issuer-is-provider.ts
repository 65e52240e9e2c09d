import type { LoginRefused } from '@tenure/domain';
import { refuseOidc } from '../refusal.ts';
import type { OidcAnswer } from './answer.ts';

/** Checks that the issuer of an answer that names one is the provider (RFC 9207 section 2.4). */
export function issuerIsProvider({ query, issuer }: OidcAnswer): LoginRefused | null {
  return query.getAll('iss').every((value) => value === issuer) ? null : refuseOidc('issuer-mismatch', 'the answer is from another issuer');
}
