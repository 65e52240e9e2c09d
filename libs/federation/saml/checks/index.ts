import { audienceIsOurs } from './audience-is-ours.ts';
import { authenticationIsStated } from './authentication-is-stated.ts';
import { conditionsAreInTime } from './conditions-are-in-time.ts';
import { conditionsAreKnown } from './conditions-are-known.ts';
import { issuerIsProvider } from './issuer-is-provider.ts';
import { nameIsLasting } from './name-is-lasting.ts';
import { nameIsOne } from './name-is-one.ts';
import { providerSessionGoesOn } from './provider-session-goes-on.ts';
import { responseAnswersRequest } from './response-answers-request.ts';
import { responseIsForUs } from './response-is-for-us.ts';
import { responseIsOfProvider } from './response-is-of-provider.ts';
import { subjectIsConfirmed } from './subject-is-confirmed.ts';
import { subjectIsOne } from './subject-is-one.ts';
import { versionIs2 } from './version-is-2.ts';

/**
 * Checks of a SAML response (SAML profiles 4.1.4.3), in order. `response` runs before any signature is computed; between the two lists
 * the signature is verified, and everything unsigned is dropped (`signedAssertion`).
 */
export const SAML_CHECKS = {
  response: [responseIsOfProvider, responseIsForUs, responseAnswersRequest],
  assertion: [
    versionIs2,
    issuerIsProvider,
    conditionsAreInTime,
    conditionsAreKnown,
    audienceIsOurs,
    subjectIsOne,
    subjectIsConfirmed,
    authenticationIsStated,
    providerSessionGoesOn,
    nameIsOne,
    nameIsLasting,
  ],
} as const;
