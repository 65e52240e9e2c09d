import { TextDecoder } from 'node:util';
import { ASSERTION, PROTOCOL, STATUS_SUCCESS } from './namespaces.ts';
import { attributeOf, descendantsOf, elementsOf, textOf, type XmlElement } from './parse-xml.ts';
import { refuse, type SamlRefusal } from './refusal.ts';

const MAXIMUM_BYTES = 262_144;

/** The only assertion of a response, as sent. */
export interface SentAssertion {
  readonly assertion: XmlElement;
  readonly isEncrypted: boolean;
}

/**
 * Checks the elements around the assertion (SAML core 3.2.2) and finds it. None of this is trusted yet: it determines the verification,
 * never the person.
 * @throws LoginRefused
 */
export function readResponse(response: XmlElement): SentAssertion {
  if (response.namespace !== PROTOCOL || response.name !== 'Response') throw refuse('malformed', 'the message is no SAML response');
  if (attributeOf(response, 'Version') !== '2.0') throw refuse('malformed', 'the response is not of SAML 2.0');
  requireSuccess(response);
  return onlyAssertion(response);
}

/**
 * Decodes the posted form field (SAML bindings 3.5.4).
 * @throws LoginRefused
 */
export function decodeResponse(samlResponse: string): string {
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

function requireSuccess(response: XmlElement): void {
  const codes = elementsOf(response, PROTOCOL, 'Status').flatMap((status) => elementsOf(status, PROTOCOL, 'StatusCode'));
  const [code] = codes;
  if (code === undefined || codes.length > 1) throw refuse('malformed', 'the response has no status');
  if (attributeOf(code, 'Value') === STATUS_SUCCESS) return;
  const [nested] = elementsOf(code, PROTOCOL, 'StatusCode');
  throw refuse(
    NESTED[nested === undefined ? '' : shortCode(nested)] ?? 'status-not-success',
    `the provider answered ${shortCode(code)}${nested ? ` (${shortCode(nested)})` : ''}`,
  );
}

/** Refusals of the provider that answer a demand of the request (SAML core 3.2.2.2). */
const NESTED: Readonly<Record<string, SamlRefusal>> = { NoPassive: 'interaction-needed', NoAuthnContext: 'context-unsatisfied' };

/** Last part of a status URN, only if it is a plain word: the text is untrusted and goes to the audit. */
function shortCode(code: XmlElement): string {
  return /^urn:oasis:names:tc:SAML:2\.0:status:(\w{1,40})$/.exec(attributeOf(code, 'Value') ?? '')?.[1] ?? 'an unknown status';
}

/** The only assertion of the whole document, which must be a child of the response: none can be hidden (signature wrapping). */
export function onlyAssertion(response: XmlElement): SentAssertion {
  const plain = descendantsOf(response, ASSERTION, 'Assertion');
  const everywhere = [...plain, ...descendantsOf(response, ASSERTION, 'EncryptedAssertion')];
  const [assertion] = everywhere;
  if (assertion === undefined || everywhere.length > 1 || assertion.parent !== response)
    throw refuse('assertion-count', `the response has ${everywhere.length} assertions; it has to be one, at its place`);
  return { assertion, isEncrypted: plain.length === 0 };
}

/** Issuer that the response states (SAML core 3.2.2); `null`: none. Not trusted, but it must not differ. */
export function responseIssuer(response: XmlElement): string | null {
  const [issuer] = elementsOf(response, ASSERTION, 'Issuer');
  return issuer ? textOf(issuer) : null;
}
