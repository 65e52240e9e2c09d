import { TextDecoder } from 'node:util';
import { ASSERTION, PROTOCOL, SIGNATURE, STATUS_SUCCESS } from './namespaces.ts';
import { attributeOf, descendantsOf, elementsOf, parseXml, textOf, XmlRefused } from './parse-xml.ts';
import { refuse } from './refusal.ts';

const MAXIMUM_BYTES = 262_144;

/** A response as it was posted. Nothing in it is trusted yet: it says how to verify, never who the person is. */
export interface UnverifiedResponse {
  readonly xml: string;
  readonly response: Element;
  readonly assertion: Element;
  readonly responseSigned: boolean;
}

/**
 * Decodes the posted form field and checks the shape around the assertion (SAML bindings 3.5, core 3.2.2).
 * @throws LoginRefused
 */
export function readResponse(samlResponse: string): UnverifiedResponse {
  const xml = decode(samlResponse);
  const response = parseResponse(xml);
  if (response.namespaceURI !== PROTOCOL || response.localName !== 'Response') throw refuse('malformed', 'the message is no SAML response');
  if (attributeOf(response, 'Version') !== '2.0') throw refuse('malformed', 'the response is not of SAML 2.0');
  requireSuccess(response);
  const assertion = onlyAssertion(response);
  const responseSigned = elementsOf(response, SIGNATURE, 'Signature').length > 0;
  return { xml, response, assertion, responseSigned };
}

function decode(samlResponse: string): string {
  if (samlResponse.length > (MAXIMUM_BYTES / 3) * 4 * 1.05) throw refuse('too-large', 'the response is larger than 256 KiB');
  const base64 = samlResponse.replace(/[\r\n\t ]/g, '');
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) throw refuse('malformed', 'the response is not base64');
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length > MAXIMUM_BYTES) throw refuse('too-large', 'the response is larger than 256 KiB');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw refuse('malformed', 'the response is not UTF-8', { cause });
  }
}

function parseResponse(xml: string): Element {
  try {
    return parseXml(xml);
  } catch (cause) {
    if (cause instanceof XmlRefused) throw refuse(cause.problem, cause.message);
    throw refuse('malformed', 'not well-formed', { cause });
  }
}

function requireSuccess(response: Element): void {
  const codes = elementsOf(response, PROTOCOL, 'Status').flatMap((status) => elementsOf(status, PROTOCOL, 'StatusCode'));
  const [code] = codes;
  if (code === undefined || codes.length > 1) throw refuse('malformed', 'the response has no status');
  if (attributeOf(code, 'Value') === STATUS_SUCCESS) return;
  const [nested] = elementsOf(code, PROTOCOL, 'StatusCode');
  throw refuse('status-not-success', `the provider answered ${shortCode(code)}${nested ? ` (${shortCode(nested)})` : ''}`);
}

/** The last part of a status URN, only when it is a plain word: the text comes from outside and goes to the audit. */
function shortCode(code: Element): string {
  return /^urn:oasis:names:tc:SAML:2\.0:status:(\w{1,40})$/.exec(attributeOf(code, 'Value') ?? '')?.[1] ?? 'an unknown status';
}

/** Exactly one assertion in the whole document, and it is the response's own child: nowhere to hide another (signature wrapping). */
function onlyAssertion(response: Element): Element {
  const encrypted = descendantsOf(response, ASSERTION, 'EncryptedAssertion');
  if (encrypted.length > 0) throw refuse('encrypted-unsupported', 'encrypted assertions are not supported');
  const everywhere = descendantsOf(response, ASSERTION, 'Assertion');
  const [assertion] = elementsOf(response, ASSERTION, 'Assertion');
  if (assertion === undefined || everywhere.length !== 1)
    throw refuse('assertion-count', `the response has ${everywhere.length} assertions; it has to be one, at its place`);
  return assertion;
}

/** Who the response says that it is from, where it says so (SAML core 3.2.2). Not trusted, but it must not disagree. */
export function responseIssuer(response: Element): string | null {
  const [issuer] = elementsOf(response, ASSERTION, 'Issuer');
  return issuer ? textOf(issuer) : null;
}
