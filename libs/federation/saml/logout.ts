import type { Instant } from '@tenure/domain';
import { instantOf } from './checks/window.ts';
import { ASSERTION, PROTOCOL, STATUS } from './namespaces.ts';
import { attributeOf, elementsOf, escapeXml, textOf } from './parse-xml.ts';
import type { ReceivedMessage } from './received-message.ts';
import { refuse } from './refusal.ts';
import { samlInstant } from './saml-instant.ts';
import { type ExpectedMessage, verifyMessage } from './verify-message.ts';

/** A NameID with its qualifiers (SAML core 2.2.3); `null`: the attribute is absent. */
export interface NameId {
  readonly value: string;
  readonly format: string | null;
  readonly nameQualifier: string | null;
  readonly spNameQualifier: string | null;
}

export interface LogoutRequestInput {
  /** Id from `newRequestId`; the answer must name it. */
  readonly id: string;
  /** Entity id of the sender. */
  readonly issuer: string;
  /** Address of the receiver. */
  readonly destination: string;
  readonly nameId: NameId;
  /** Session that ends; `null`: all sessions of the name. */
  readonly sessionIndex: string | null;
  readonly notOnOrAfter: Instant;
  readonly now: Instant;
}

/** Writes an unsigned LogoutRequest (SAML core 3.7.1). Sign it by `signElement`, or its query by `signRedirect`. */
export function logoutRequest({ id, issuer, destination, nameId, sessionIndex, notOnOrAfter, now }: LogoutRequestInput): string {
  return (
    `<samlp:LogoutRequest xmlns:samlp="${PROTOCOL}" xmlns:saml="${ASSERTION}" ID="${escapeXml(id)}" Version="2.0" IssueInstant="${samlInstant(now)}"` +
    ` Destination="${escapeXml(destination)}" NotOnOrAfter="${samlInstant(notOnOrAfter)}"><saml:Issuer>${escapeXml(issuer)}</saml:Issuer>` +
    `${nameIdElement(nameId)}${sessionIndex === null ? '' : `<samlp:SessionIndex>${escapeXml(sessionIndex)}</samlp:SessionIndex>`}</samlp:LogoutRequest>`
  );
}

/** Result of a logout: `partial` where some participant of the session was not told. */
export type LogoutStatus = 'success' | 'partial' | 'requester' | 'responder' | 'unknown-principal' | 'request-denied';

const STATUS_CODES: Readonly<Record<LogoutStatus, readonly [top: string, second?: string]>> = {
  success: ['Success'],
  partial: ['Success', 'PartialLogout'],
  requester: ['Requester'],
  responder: ['Responder'],
  'unknown-principal': ['Requester', 'UnknownPrincipal'],
  'request-denied': ['Requester', 'RequestDenied'],
};

export interface LogoutResponseInput {
  readonly id: string;
  readonly issuer: string;
  /** Address of the receiver; `null`: it reads the answer where it asked, by SOAP. */
  readonly destination: string | null;
  /** Id of the request that is answered. */
  readonly inResponseTo: string;
  readonly status: LogoutStatus;
  readonly now: Instant;
}

/** Writes an unsigned LogoutResponse (SAML core 3.7.2). Sign it by `signElement`, or its query by `signRedirect`. */
export function logoutResponse({ id, issuer, destination, inResponseTo, status, now }: LogoutResponseInput): string {
  const [top, second] = STATUS_CODES[status];
  return (
    `<samlp:LogoutResponse xmlns:samlp="${PROTOCOL}" xmlns:saml="${ASSERTION}" ID="${escapeXml(id)}" Version="2.0" IssueInstant="${samlInstant(now)}"` +
    `${destination === null ? '' : ` Destination="${escapeXml(destination)}"`} InResponseTo="${escapeXml(inResponseTo)}"><saml:Issuer>${escapeXml(issuer)}</saml:Issuer>` +
    `<samlp:Status><samlp:StatusCode Value="${STATUS}${top}">${second === undefined ? '' : `<samlp:StatusCode Value="${STATUS}${second}"/>`}</samlp:StatusCode></samlp:Status>` +
    '</samlp:LogoutResponse>'
  );
}

/** NameID element. The assertion's namespace is bound to `saml` around it. */
export function nameIdElement({ value, format, nameQualifier, spNameQualifier }: NameId): string {
  const attributes = { Format: format, NameQualifier: nameQualifier, SPNameQualifier: spNameQualifier };
  const written = Object.entries(attributes).map(([name, text]) => (text === null ? '' : ` ${name}="${escapeXml(text)}"`));
  return `<saml:NameID${written.join('')}>${escapeXml(value)}</saml:NameID>`;
}

/** A verified LogoutRequest. */
export interface LogoutRequest {
  readonly id: string;
  readonly issuer: string;
  readonly nameId: NameId;
  /** Empty: all sessions of the name. */
  readonly sessionIndexes: readonly string[];
  /** Instant until which the caller stores the id, so that the request counts once. */
  readonly staleAt: Instant;
}

/** Expectations of a message of logout, which is always signed. */
export type ExpectedLogout = Omit<ExpectedMessage, 'name' | 'mustBeSigned'>;

/**
 * Verifies a LogoutRequest (SAML profiles 4.4.4.1): it is signed by the sender, for this address, and in time. The caller checks that its id was not
 * received before, and that name and sessions are the sender's.
 * @throws LoginRefused with a `SamlRefusal` as its reason
 */
export function readLogoutRequest(received: ReceivedMessage, expected: ExpectedLogout): LogoutRequest {
  const { message, id, staleAt } = verifyMessage(received, { ...expected, name: 'LogoutRequest', mustBeSigned: true });
  const end = instantOf(message, 'NotOnOrAfter');
  if (end !== null && Date.parse(end) + expected.clockSkew <= Date.parse(expected.now))
    throw refuse('message-expired', `the LogoutRequest was valid until ${end}`);
  if (elementsOf(message, ASSERTION, 'EncryptedID').length > 0) throw refuse('encrypted-unsupported', 'encrypted names are not supported');
  const [name] = elementsOf(message, ASSERTION, 'NameID');
  if (name === undefined || textOf(name).trim() === '') throw refuse('subject-missing', 'the LogoutRequest names nobody');
  return {
    id,
    issuer: expected.sender.entityId,
    nameId: {
      value: textOf(name).trim(),
      format: attributeOf(name, 'Format'),
      nameQualifier: attributeOf(name, 'NameQualifier'),
      spNameQualifier: attributeOf(name, 'SPNameQualifier'),
    },
    sessionIndexes: elementsOf(message, PROTOCOL, 'SessionIndex').map((index) => textOf(index).trim()),
    staleAt,
  };
}

/** A verified LogoutResponse. */
export interface LogoutResponse {
  readonly inResponseTo: string;
  readonly issuer: string;
  /** Last words of the status codes, outermost first, such as `Success` and `PartialLogout`. */
  readonly status: readonly string[];
  /** True if the receiver ended its session, and told all others. */
  readonly isComplete: boolean;
}

/**
 * Verifies a LogoutResponse (SAML profiles 4.4.4.2). The caller checks that it answers a request of its own, once.
 * @throws LoginRefused with a `SamlRefusal` as its reason
 */
export function readLogoutResponse(received: ReceivedMessage, expected: ExpectedLogout): LogoutResponse {
  const { message } = verifyMessage(received, { ...expected, name: 'LogoutResponse', mustBeSigned: true });
  const inResponseTo = attributeOf(message, 'InResponseTo');
  if (!inResponseTo) throw refuse('in-response-to-mismatch', 'the LogoutResponse answers no request');
  const [top] = elementsOf(message, PROTOCOL, 'Status').flatMap((status) => elementsOf(status, PROTOCOL, 'StatusCode'));
  const [second] = top === undefined ? [] : elementsOf(top, PROTOCOL, 'StatusCode');
  const status = [top, second].flatMap((code) => (code === undefined ? [] : [wordOf(attributeOf(code, 'Value'))]));
  return { inResponseTo, issuer: expected.sender.entityId, status, isComplete: status[0] === 'Success' && status[1] === undefined };
}

/** Last word of a status code if it is one of SAML's, which goes to logs and audit; the rest is a stranger's text. */
function wordOf(code: string | null): string {
  return /^urn:oasis:names:tc:SAML:2\.0:status:(\w{1,40})$/.exec(code ?? '')?.[1] ?? 'unknown';
}
