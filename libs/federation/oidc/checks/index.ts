import { issuerIsNamed } from './issuer-is-named.ts';
import { issuerIsProvider } from './issuer-is-provider.ts';
import { sessionEndIsATime } from './session-end-is-a-time.ts';
import { stateIsOurs } from './state-is-ours.ts';
import { subjectHasALength } from './subject-has-a-length.ts';
import { tokenIsForUs } from './token-is-for-us.ts';
import { tokenIsInTime } from './token-is-in-time.ts';

/**
 * Checks of an OpenID Connect login, in order: of the answer before any request, after the discovery of the provider, and of the ID token.
 * Between the last two, openid-client exchanges the code and verifies the ID token: signature, issuer, audience, nonce.
 */
export const OIDC_CHECKS = {
  answer: [stateIsOurs, issuerIsProvider],
  provider: [issuerIsNamed],
  token: [tokenIsInTime, tokenIsForUs, subjectHasALength],
  /** Checks after the call of the userinfo endpoint. */
  session: [sessionEndIsATime],
} as const;
