import type { AttributeValue, Instant } from '@tenure/domain';
import { newRequestId } from '../authn-request.ts';
import { type NameId, nameIdElement } from '../logout.ts';
import { ASSERTION, BEARER, PROTOCOL, STATUS } from '../namespaces.ts';
import { escapeXml } from '../parse-xml.ts';
import { samlInstant } from '../saml-instant.ts';
import { type ElementSignature, signElement } from '../sign-element.ts';
import type { SamlApplicationMetadata } from './application-metadata.ts';
import { encryptAssertion } from './encrypt-assertion.ts';

export interface ResponseInput {
  /** Entity id of Tenure. */
  readonly issuer: string;
  readonly application: Pick<SamlApplicationMetadata, 'entityId' | 'signs' | 'encryption'>;
  readonly acsUrl: string;
  /** Id of the request; `null`: there was none. */
  readonly inResponseTo: string | null;
  readonly signature: Omit<ElementSignature, 'element'>;
  readonly now: Instant;
}

export interface AssertionInput extends ResponseInput {
  readonly nameId: NameId;
  readonly sessionIndex: string;
  /** Latest end of the session at the application. */
  readonly sessionEnd: Instant;
  /** When the person proved who they are, at the source. */
  readonly authenticatedAt: Instant;
  /** AuthnContextClassRef. */
  readonly context: string;
  /** By name; a name that is a URI is written with that format, any other as a basic one. An empty list is an attribute without values. */
  readonly attributes: Readonly<Record<string, AttributeValue>>;
}

/** Milliseconds for which an assertion may be used, and by which an application's clock may be behind. */
const LIFETIME = 5 * 60_000;
const CLOCK_BEHIND = 30_000;

/** Prefix of the types of values, which are text to canonicalization. */
const TYPES = ['xs'];

/** Writes a signed response with one assertion (SAML profiles 4.1.4.2), encrypted where the application wants that. */
export function writeResponse(input: AssertionInput): string {
  const { application, signature } = input;
  const plain = assertion(input);
  const signed = application.signs === 'both' ? signElement(plain, { ...signature, element: 'Assertion', inclusivePrefixes: TYPES }) : plain;
  return signedResponse(input, statusElement('success'), application.encryption === null ? signed : encryptAssertion(signed, application.encryption));
}

/** Status of a response (SAML core 3.2.2.2). */
export type StatusCode = keyof typeof STATUS_CODES;

const STATUS_CODES = {
  success: ['Success', null],
  'authn-failed': ['Responder', 'AuthnFailed'],
  'invalid-name-id-policy': ['Requester', 'InvalidNameIDPolicy'],
  'no-authn-context': ['Responder', 'NoAuthnContext'],
  'no-passive': ['Responder', 'NoPassive'],
  'request-denied': ['Responder', 'RequestDenied'],
  'request-unsupported': ['Responder', 'RequestUnsupported'],
  'unknown-principal': ['Responder', 'UnknownPrincipal'],
  'unsupported-binding': ['Requester', 'UnsupportedBinding'],
} as const satisfies Readonly<Record<string, readonly [string, string | null]>>;

/** Writes a signed response that refuses a request. */
export function writeRefusal(input: ResponseInput, status: Exclude<StatusCode, 'success'>): string {
  return signedResponse(input, statusElement(status), '');
}

function signedResponse({ issuer, acsUrl, inResponseTo, signature, now }: ResponseInput, status: string, content: string): string {
  const response =
    `<samlp:Response xmlns:samlp="${PROTOCOL}" xmlns:saml="${ASSERTION}" ID="${newRequestId()}" Version="2.0" IssueInstant="${samlInstant(now)}"` +
    ` Destination="${escapeXml(acsUrl)}"${answering(inResponseTo)}><saml:Issuer>${escapeXml(issuer)}</saml:Issuer>${status}${content}</samlp:Response>`;
  return signElement(response, { ...signature, element: 'Response', inclusivePrefixes: content === '' ? [] : TYPES });
}

function statusElement(status: StatusCode): string {
  const [top, second] = STATUS_CODES[status];
  const inside = second === null ? '' : `<samlp:StatusCode Value="${STATUS}${second}"/>`;
  return `<samlp:Status><samlp:StatusCode Value="${STATUS}${top}">${inside}</samlp:StatusCode></samlp:Status>`;
}

/** An assertion that can be cut out of its response: all namespaces are declared in it. */
function assertion(input: AssertionInput): string {
  const { issuer, application, acsUrl, inResponseTo, nameId, sessionEnd, now } = input;
  const shifted = (milliseconds: number): Instant => new Date(Date.parse(now) + milliseconds).toISOString();
  const latest = shifted(LIFETIME);
  const until = samlInstant(sessionEnd < latest ? sessionEnd : latest);
  return (
    `<saml:Assertion xmlns:saml="${ASSERTION}" xmlns:xs="${XSD}" xmlns:xsi="${XSD}-instance" ID="${newRequestId()}" Version="2.0" IssueInstant="${samlInstant(now)}"><saml:Issuer>${escapeXml(issuer)}</saml:Issuer>` +
    `<saml:Subject>${nameIdElement(nameId)}<saml:SubjectConfirmation Method="${BEARER}"><saml:SubjectConfirmationData${answering(inResponseTo)}` +
    ` NotOnOrAfter="${until}" Recipient="${escapeXml(acsUrl)}"/></saml:SubjectConfirmation></saml:Subject>` +
    `<saml:Conditions NotBefore="${samlInstant(shifted(-CLOCK_BEHIND))}" NotOnOrAfter="${until}"><saml:AudienceRestriction><saml:Audience>${escapeXml(application.entityId)}</saml:Audience></saml:AudienceRestriction></saml:Conditions>` +
    `${authnStatement(input)}${attributeStatement(input.attributes)}</saml:Assertion>`
  );
}

function authnStatement({ authenticatedAt, sessionIndex, sessionEnd, context }: AssertionInput): string {
  return (
    `<saml:AuthnStatement AuthnInstant="${samlInstant(authenticatedAt)}" SessionIndex="${escapeXml(sessionIndex)}" SessionNotOnOrAfter="${samlInstant(sessionEnd)}">` +
    `<saml:AuthnContext><saml:AuthnContextClassRef>${escapeXml(context)}</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>`
  );
}

const XSD = 'http://www.w3.org/2001/XMLSchema';
const NAME_FORMAT = 'urn:oasis:names:tc:SAML:2.0:attrname-format:';

function attributeStatement(attributes: Readonly<Record<string, AttributeValue>>): string {
  const elements = Object.entries(attributes).map(([name, value]) => {
    const format = /^(urn:|https?:\/\/)/i.test(name) ? 'uri' : 'basic';
    const values = typeof value === 'object' ? value : [value];
    return `<saml:Attribute Name="${escapeXml(name)}" NameFormat="${NAME_FORMAT}${format}">${values.map(attributeValue).join('')}</saml:Attribute>`;
  });
  return elements.length === 0 ? '' : `<saml:AttributeStatement>${elements.join('')}</saml:AttributeStatement>`;
}

function attributeValue(value: string | number | boolean): string {
  const type = typeof value === 'boolean' ? 'boolean' : typeof value === 'string' ? 'string' : Number.isInteger(value) ? 'integer' : 'double';
  return `<saml:AttributeValue xsi:type="xs:${type}">${escapeXml(String(value))}</saml:AttributeValue>`;
}

function answering(inResponseTo: string | null): string {
  return inResponseTo === null ? '' : ` InResponseTo="${escapeXml(inResponseTo)}"`;
}
