import { assertionIsUnused } from './assertion-is-unused.ts';
import { authenticationIsFresh } from './authentication-is-fresh.ts';
import { claimsAreComplete } from './claims-are-complete.ts';
import { contextIsAsDemanded } from './context-is-as-demanded.ts';
import { keysAreTheSame } from './keys-are-the-same.ts';
import { linkIsGood } from './link-is-good.ts';
import { linkIsOfPerson } from './link-is-of-person.ts';
import { nameIdFormatIsTheSame } from './name-id-format-is-the-same.ts';
import { personIsActive } from './person-is-active.ts';
import { personIsKnown } from './person-is-known.ts';
import { providerSessionGoesOn } from './provider-session-goes-on.ts';
import { recordIsUnambiguous } from './record-is-unambiguous.ts';
import { requestIsOfBrowser } from './request-is-of-browser.ts';
import { requestIsOfProvider } from './request-is-of-provider.ts';
import { requestIsOpen } from './request-is-open.ts';
import { rightsAreConfirmed } from './rights-are-confirmed.ts';
import { subjectIsOfProvider } from './subject-is-of-provider.ts';
import { subjectIsTheOnlyOne } from './subject-is-the-only-one.ts';
import { subjectIsText } from './subject-is-text.ts';

/**
 * The accept steps of a proven login, by whichever protocol: a list for each thing that becomes known, in the order in which `admit` goes
 * through them. Before them stand those of the protocol (`SAML_CHECKS`, `OIDC_CHECKS`) and of the browser.
 */
export const LOGIN_CHECKS = {
  subject: [subjectIsText],
  answer: [requestIsOpen, requestIsOfProvider, requestIsOfBrowser, assertionIsUnused, authenticationIsFresh, contextIsAsDemanded],
  begunByLink: [linkIsGood],
  bound: [subjectIsOfProvider],
  linked: [linkIsOfPerson],
  state: [personIsActive],
  claims: [claimsAreComplete],
  identity: [keysAreTheSame, nameIdFormatIsTheSame],
  taken: [recordIsUnambiguous, personIsKnown],
  entry: [subjectIsTheOnlyOne, rightsAreConfirmed],
  session: [providerSessionGoesOn],
} as const;
