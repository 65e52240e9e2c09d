import type { LoginRefused } from '@tenure/domain';
import { refuseOidc } from '../refusal.ts';
import type { OidcAnswer } from './answer.ts';

/** Checks that the answer names its issuer (RFC 9207 section 2.4). @param answer `namesItself`: the discovery document promises it */
export function issuerIsNamed({ query, namesItself }: Pick<OidcAnswer, 'query'> & { readonly namesItself: boolean }): LoginRefused | null {
  return !namesItself || query.has('iss') ? null : refuseOidc('issuer-mismatch', 'the answer does not name its issuer');
}
