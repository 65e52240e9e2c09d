import type { UsedByLogin, ProvenLogin } from '@tenure/engine/login';
import { type Instant, type LoginRefusal, LoginRefused, mustPass, type SourceFacts } from '@tenure/domain';
import { claimedRequest, parseResponse, UNSPECIFIED_FORMAT, type VerifiedAssertion } from '@tenure/federation';
import type { ActContext } from '@tenure/store';
import { BROWSER_CHECKS } from './checks/index.ts';
import type { BegunLogin } from './login-cookie.ts';
import { notAfter } from './not-after.ts';
import type { SamlProvider } from './providers.ts';
import { verifyWithFreshMetadata } from './saml-metadata.ts';

/** The form that a browser posts for its provider. */
export interface SamlAnswer {
  readonly samlResponse: string | undefined;
  /** Logins that this browser has begun. */
  readonly begun: readonly BegunLogin[];
}

/**
 * Proves a SAML login: the browser's checks, then those of the message.
 * @param uses called with what the answer uses up, once it is proven
 * @throws LoginRefused
 */
export async function proveSaml(
  { settings, metadata, serviceProvider }: SamlProvider,
  { samlResponse, begun: all }: SamlAnswer,
  { now }: ActContext,
  uses: (used: UsedByLogin) => void,
): Promise<ProvenLogin> {
  if (!samlResponse) throw new LoginRefused('malformed', 'the form has no SAMLResponse');
  const response = parseResponse(samlResponse);
  const named = claimedRequest(response);
  const begun = all.find(({ id }) => id === named) ?? null;
  mustPass(BROWSER_CHECKS.brought, { named, begun, allowIdpInitiated: settings.allowIdpInitiated });
  const { clockSkew } = settings;
  const request = begun === null ? null : { id: begun.id, browserSecret: begun.secret };
  const assertion = await verifyWithFreshMetadata(metadata, { response, serviceProvider, expectedInResponseTo: named, clockSkew, now }).catch(
    (error: unknown) => {
      // The provider has answered, if only that it refuses: the request is not open any more.
      if (error instanceof LoginRefused && REFUSED_THERE.includes(error.reason)) uses({ issuer: '', request, assertion: null });
      throw error;
    },
  );
  const login: ProvenLogin = {
    provider: settings,
    issuer: assertion.issuer,
    subject: assertion.subject,
    nameIdFormat: assertion.nameIdFormat ?? UNSPECIFIED_FORMAT,
    claims: assertion.claims,
    request,
    assertion: { id: assertion.assertionId, notOnOrAfter: assertion.notOnOrAfter },
    sessionEnd: assertion.sessionEnd,
    source: samlSource(assertion, now),
  };
  uses(login);
  return login;
}

/** Refusals that the provider itself states. */
const REFUSED_THERE: readonly LoginRefusal[] = ['interaction-needed', 'context-unsatisfied', 'status-not-success'];

function samlSource(assertion: VerifiedAssertion, now: Instant): SourceFacts {
  const { subject, sessionIndex, authenticatedAt, acr, nameIdFormat: format, nameQualifier, spNameQualifier } = assertion;
  return {
    authenticatedAt: notAfter(authenticatedAt, now),
    acr,
    sourceIndex: sessionIndex,
    sourceSubject: subject,
    sourceDetails: {
      ...(format === null ? {} : { format }),
      ...(nameQualifier === null ? {} : { nameQualifier }),
      ...(spNameQualifier === null ? {} : { spNameQualifier }),
    },
  };
}
