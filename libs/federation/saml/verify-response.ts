import { type Instant, mustPass } from '@tenure/domain';
import { statementsOf } from './checks/authentication-is-stated.ts';
import { conditionsOf } from './checks/conditions-are-in-time.ts';
import { SAML_CHECKS } from './checks/index.ts';
import { namesOf } from './checks/name-is-one.ts';
import { sessionEndOf } from './checks/provider-session-goes-on.ts';
import type { Expectations, SignedAssertion } from './checks/signed-message.ts';
import { confirmedUntil } from './checks/subject-is-confirmed.ts';
import { instantOf, shift } from './checks/window.ts';
import type { ParsedResponse } from './parse-response.ts';
import { ASSERTION } from './namespaces.ts';
import { attributeOf, elementsOf, textOf, withDocument, type XmlElement, XmlRefused } from './parse-xml.ts';
import type { SamlProviderMetadata } from './provider-metadata.ts';
import { readInstant } from './read-instant.ts';
import { readClaims } from './read-claims.ts';
import { refuse } from './refusal.ts';
import type { SamlServiceProvider } from './service-provider.ts';
import { signedAssertion } from './signed-assertion.ts';

export interface SamlResponseInput {
  readonly response: ParsedResponse;
  readonly provider: SamlProviderMetadata;
  readonly serviceProvider: SamlServiceProvider;
  /** Id of the request that the response must answer; `null`: there was no request, which is allowed here. */
  readonly expectedInResponseTo: string | null;
  /** Milliseconds by which clocks may differ. */
  readonly clockSkew: number;
  readonly now: Instant;
}

/** Verified statement of an identity provider. Every value is from the signed assertion. */
export interface VerifiedAssertion {
  readonly issuer: string;
  /** Value of the NameID. */
  readonly subject: string;
  /** Format of the NameID as written; `null`: none, which means unspecified (SAML core 2.2.2). */
  readonly nameIdFormat: string | null;
  /** Attributes of the NameID that a logout has to repeat; `null`: absent. */
  readonly nameQualifier: string | null;
  readonly spNameQualifier: string | null;
  /** AuthnInstant; `null`: it has no time zone. */
  readonly authenticatedAt: Instant | null;
  /** AuthnContextClassRef; `null`: not stated. */
  readonly acr: string | null;
  readonly sessionIndex: string | null;
  /** End of the provider's session; `null`: not stated. */
  readonly sessionEnd: Instant | null;
  /** Id of the assertion, to be accepted once: callers store it until `notOnOrAfter`. */
  readonly assertionId: string;
  readonly inResponseTo: string | null;
  /** Instant from which the assertion is refused as expired (the skew is included). */
  readonly notOnOrAfter: Instant;
  readonly claims: Readonly<Record<string, readonly string[]>>;
}

/**
 * Verifies the response of an identity provider (SAML profiles 4.1.4.3). The caller, who has a place to store used assertions,
 * must check that this one was not used before.
 * @throws LoginRefused with a `SamlRefusal` as its reason
 */
export async function verifySamlResponse(input: SamlResponseInput): Promise<VerifiedAssertion> {
  const { provider, serviceProvider, expectedInResponseTo: inResponseTo, clockSkew, now } = input;
  const expected = { entityId: provider.entityId, audience: serviceProvider.entityId, recipient: serviceProvider.acsUrl, inResponseTo, clockSkew, now };
  const message = { assertion: readSigned(input, expected), expected };
  mustPass(SAML_CHECKS.assertion, message);
  return read(message);
}

function readSigned({ response: { xml, root }, provider, serviceProvider }: SamlResponseInput, expected: Expectations): XmlElement {
  const { signed = 'assertion', decryption = null } = serviceProvider;
  const checkBeforeSignatures = (response: XmlElement): void => mustPass(SAML_CHECKS.response, { response, expected });
  try {
    return withDocument(xml, (document) => signedAssertion(document, root, { provider, signed, decryption, checkBeforeSignatures }));
  } catch (error) {
    throw error instanceof XmlRefused ? refuse(error.problem, error.message) : error;
  }
}

/** Reads an assertion that has passed its checks. */
function read(message: SignedAssertion): VerifiedAssertion {
  const { assertion, expected } = message;
  const [[conditions], [nameId], [statement]] = [conditionsOf(assertion), namesOf(assertion), statementsOf(assertion)];
  const ends = [conditions === undefined ? null : instantOf(conditions, 'NotOnOrAfter'), confirmedUntil(message)].filter((end) => end !== null);
  const [end] = ends.toSorted();
  if (nameId === undefined || statement === undefined || end === undefined) throw new Error('the checks of an assertion have missed what it lacks');
  return {
    issuer: expected.entityId,
    subject: textOf(nameId),
    nameIdFormat: attributeOf(nameId, 'Format'),
    nameQualifier: attributeOf(nameId, 'NameQualifier'),
    spNameQualifier: attributeOf(nameId, 'SPNameQualifier'),
    authenticatedAt: readInstant(attributeOf(statement, 'AuthnInstant') ?? ''),
    acr: contextOf(statement),
    sessionIndex: attributeOf(statement, 'SessionIndex'),
    sessionEnd: sessionEndOf(assertion),
    assertionId: attributeOf(assertion, 'ID') ?? '',
    inResponseTo: expected.inResponseTo,
    notOnOrAfter: shift(end, expected.clockSkew),
    claims: readClaims(assertion),
  };
}

/** Class of the authentication context (SAML core 2.7.2.2); `null`: not stated. */
function contextOf(statement: XmlElement): string | null {
  const [reference] = elementsOf(statement, ASSERTION, 'AuthnContext').flatMap((context) => elementsOf(context, ASSERTION, 'AuthnContextClassRef'));
  return reference === undefined ? null : textOf(reference).trim();
}
