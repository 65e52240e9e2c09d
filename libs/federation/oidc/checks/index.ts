import { issuerIsNamed } from './issuer-is-named.ts';
import { issuerIsProvider } from './issuer-is-provider.ts';
import { sessionEndIsATime } from './session-end-is-a-time.ts';
import { stateIsOurs } from './state-is-ours.ts';
import { subjectHasALength } from './subject-has-a-length.ts';
import { tokenIsForUs } from './token-is-for-us.ts';
import { tokenIsInTime } from './token-is-in-time.ts';

/**
 * The accept steps of an OpenID Connect login, in order: of the answer before anything is sent, once the provider is found, and of the ID token.
 * Between the last two openid-client trades the code and verifies the ID token: signature, issuer, audience, nonce.
 */
export const OIDC_CHECKS = {
  answer: [stateIsOurs, issuerIsProvider],
  provider: [issuerIsNamed],
  token: [tokenIsInTime, tokenIsForUs, subjectHasALength],
  /** After user info was asked. */
  session: [sessionEndIsATime],
} as const;
