import type { Instant } from '@tenure/domain';
import { checkAuthentication, checkConditions, checkConfirmation, checkIssuer, type Expectations, shift } from './check-assertion.ts';
import { ASSERTION, TRANSIENT_FORMAT } from './namespaces.ts';
import { attributeOf, elementsOf, textOf, withDocument, type XmlElement, XmlRefused } from './parse-xml.ts';
import type { SamlProviderMetadata } from './provider-metadata.ts';
import { readClaims } from './read-claims.ts';
import { decodeResponse, responseIssuer } from './read-response.ts';
import { refuse } from './refusal.ts';
import type { SamlServiceProvider } from './service-provider.ts';
import { signedAssertion } from './signed-assertion.ts';

export interface SamlResponseInput {
  /** The form field `SAMLResponse`, base64. */
  readonly samlResponse: string;
  readonly provider: SamlProviderMetadata;
  readonly serviceProvider: SamlServiceProvider;
  /** Id of the request that this has to answer; `null`: nothing was asked, and that is allowed here. */
  readonly expectedInResponseTo: string | null;
  /** Milliseconds that clocks may differ by. */
  readonly clockSkew: number;
  readonly now: Instant;
}

/** What an identity provider vouches for. Every value is from the signed assertion. */
export interface VerifiedAssertion {
  readonly issuer: string;
  /** The NameID. */
  readonly subject: string;
  /** As it is written; `null`: none is, which is the same as unspecified (SAML core 2.2.2). */
  readonly nameIdFormat: string | null;
  readonly sessionIndex: string | null;
  /** When the provider's session ends, where it says so. */
  readonly sessionEnd: Instant | null;
  /** To be accepted once: remember it until `notOnOrAfter`. */
  readonly assertionId: string;
  readonly inResponseTo: string | null;
  /** From then on the assertion would be refused as expired (the skew is included). */
  readonly notOnOrAfter: Instant;
  readonly claims: Readonly<Record<string, readonly string[]>>;
}

/**
 * Verifies the answer of an identity provider (SAML profiles 4.1.4.3). That the assertion was not used before is left
 * to the caller, who has a place to remember it.
 * @throws LoginRefused with a `SamlRefusal` as its reason
 */
export async function verifySamlResponse(input: SamlResponseInput): Promise<VerifiedAssertion> {
  const { provider, serviceProvider } = input;
  const assertion = readSigned(input);
  return judge(assertion, {
    entityId: provider.entityId,
    audience: serviceProvider.entityId,
    recipient: serviceProvider.acsUrl,
    inResponseTo: input.expectedInResponseTo,
    clockSkew: input.clockSkew,
    now: input.now,
  });
}

function readSigned(input: SamlResponseInput): XmlElement {
  const { samlResponse, provider, serviceProvider } = input;
  const { signed = 'assertion', decryption = null } = serviceProvider;
  const checkBeforeSignatures = (response: XmlElement): void => checkEnvelope(response, input);
  try {
    return withDocument(decodeResponse(samlResponse), (document) => signedAssertion(document, { provider, signed, decryption, checkBeforeSignatures }));
  } catch (error) {
    throw error instanceof XmlRefused ? refuse(error.problem, error.message) : error;
  }
}

/** What the response around the assertion says, where it says it: it may be unsigned, so it can only speak against itself. */
function checkEnvelope(response: XmlElement, { provider, serviceProvider, expectedInResponseTo }: SamlResponseInput): void {
  const issuer = responseIssuer(response);
  if (issuer !== null && issuer !== provider.entityId) throw refuse('wrong-issuer', 'the response is from another issuer');
  const destination = attributeOf(response, 'Destination');
  if (destination !== null && destination !== serviceProvider.acsUrl) throw refuse('wrong-destination', 'the response was sent to another address');
  const inResponseTo = attributeOf(response, 'InResponseTo');
  if (inResponseTo !== expectedInResponseTo) throw refuse('in-response-to-mismatch', 'the response answers another request');
}

function judge(assertion: XmlElement, expected: Expectations): VerifiedAssertion {
  checkIssuer(assertion, expected);
  const conditionsEnd = checkConditions(assertion, expected);
  const subject = onlySubject(assertion);
  const confirmationEnd = checkConfirmation(subject, expected);
  const { sessionIndex, sessionEnd } = checkAuthentication(assertion, expected);
  const nameId = onlyNameId(subject);
  const end = conditionsEnd < confirmationEnd ? conditionsEnd : confirmationEnd;
  return {
    issuer: expected.entityId,
    subject: textOf(nameId),
    nameIdFormat: formatOf(nameId),
    sessionIndex,
    sessionEnd,
    assertionId: attributeOf(assertion, 'ID') ?? '',
    inResponseTo: expected.inResponseTo,
    notOnOrAfter: shift(end, expected.clockSkew),
    claims: readClaims(assertion),
  };
}

/** A name that is another one at each login would make a new person of each (SAML core 8.3.8). */
function formatOf(nameId: XmlElement): string | null {
  const format = attributeOf(nameId, 'Format');
  if (format?.trim() === TRANSIENT_FORMAT)
    throw refuse(
      'transient-name-id',
      'the name identifier is transient and identifies nobody at the next login: configure the provider to send a persistent one',
    );
  return format;
}

function onlySubject(assertion: XmlElement): XmlElement {
  const subjects = elementsOf(assertion, ASSERTION, 'Subject');
  const [subject] = subjects;
  if (subject === undefined || subjects.length > 1) throw refuse('subject-missing', 'the assertion does not name one subject');
  return subject;
}

function onlyNameId(subject: XmlElement): XmlElement {
  if (elementsOf(subject, ASSERTION, 'EncryptedID').length > 0) throw refuse('encrypted-unsupported', 'encrypted names are not supported');
  const names = elementsOf(subject, ASSERTION, 'NameID');
  const [nameId] = names;
  if (nameId === undefined || names.length > 1 || textOf(nameId).trim() === '') throw refuse('subject-missing', 'the assertion does not name one subject');
  return nameId;
}
