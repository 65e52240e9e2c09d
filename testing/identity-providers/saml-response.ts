import { randomUUID } from 'node:crypto';
import { SignedXml } from 'xml-crypto';
import { escapeMarkup } from './login-page.ts';
import type { SigningKey } from './self-signed-certificate.ts';

/** Content of a response. Instants are RFC 3339. */
export interface SamlResponseContent {
  readonly issuer: string;
  readonly audience: string;
  readonly acsUrl: string;
  /** Id of the request; `null`: there was none. */
  readonly inResponseTo: string | null;
  readonly subject: string;
  readonly nameIdFormat?: string;
  readonly attributes: Readonly<Record<string, readonly string[]>>;
  /** Prefix of attribute names, as the big providers use; the plain name goes into FriendlyName. Empty: plain names. */
  readonly attributePrefix?: string;
  readonly now: string;
  /** Milliseconds for which the assertion is valid. */
  readonly lifetime?: number;
  readonly assertionId?: string;
}

/** A response with one unsigned assertion (SAML profiles 4.1.4.2). */
export function buildSamlResponse(content: SamlResponseContent): string {
  const { issuer, acsUrl, now } = content;
  const answers = content.inResponseTo === null ? '' : ` InResponseTo="${escapeMarkup(content.inResponseTo)}"`;
  return (
    `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_${randomUUID()}" Version="2.0"` +
    ` IssueInstant="${now}" Destination="${escapeMarkup(acsUrl)}"${answers}><saml:Issuer>${escapeMarkup(issuer)}</saml:Issuer>` +
    '<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>' +
    `${assertion(content, answers)}</samlp:Response>`
  );
}

function assertion(content: SamlResponseContent, answers: string): string {
  const { issuer, now, subject } = content;
  const until = shift(now, content.lifetime ?? 300_000);
  const format = content.nameIdFormat ?? 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent';
  return (
    `<saml:Assertion xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" ID="${content.assertionId ?? `_${randomUUID()}`}" Version="2.0" IssueInstant="${now}">` +
    `<saml:Issuer>${escapeMarkup(issuer)}</saml:Issuer>` +
    `<saml:Subject><saml:NameID Format="${format}">${escapeMarkup(subject)}</saml:NameID>` +
    `<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData${answers} NotOnOrAfter="${until}" Recipient="${escapeMarkup(content.acsUrl)}"/></saml:SubjectConfirmation></saml:Subject>` +
    `<saml:Conditions NotBefore="${shift(now, -5000)}" NotOnOrAfter="${until}"><saml:AudienceRestriction><saml:Audience>${escapeMarkup(content.audience)}</saml:Audience></saml:AudienceRestriction></saml:Conditions>` +
    `<saml:AuthnStatement AuthnInstant="${now}" SessionIndex="_${randomUUID()}"><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>` +
    `${attributeStatement(content)}</saml:Assertion>`
  );
}

/** An attribute with no value is there and empty; an attribute that is not listed is absent. SAML allows no empty statement. */
function attributeStatement({ attributes, attributePrefix = '' }: SamlResponseContent): string {
  const elements = Object.entries(attributes).map(([name, values]) => {
    const names = `Name="${escapeMarkup(attributePrefix + name)}"${attributePrefix ? ` FriendlyName="${escapeMarkup(name)}"` : ''}`;
    return `<saml:Attribute ${names}>${values.map((value) => `<saml:AttributeValue xsi:type="xs:string">${escapeMarkup(value)}</saml:AttributeValue>`).join('')}</saml:Attribute>`;
  });
  return elements.length === 0 ? '' : `<saml:AttributeStatement>${elements.join('')}</saml:AttributeStatement>`;
}

/** Signature options; RSA-SHA256 over exclusive canonical XML unless a test sets others. */
export interface SignatureOptions {
  readonly signatureAlgorithm?: string;
  readonly digestAlgorithm?: string;
  readonly canonicalization?: string;
}

/** Signs the assertion, the response, or both (the assertion first: the response's signature covers it). */
export function signSamlResponse(xml: string, key: SigningKey, what: readonly ('assertion' | 'response')[], options: SignatureOptions = {}): string {
  const inner = what.includes('assertion') ? signElement(xml, key, 'Assertion', options) : xml;
  return what.includes('response') ? signElement(inner, key, 'Response', options) : inner;
}

/** Signs the element with this name. */
export function signElement(xml: string, key: SigningKey, name: string, options: SignatureOptions = {}): string {
  const canonicalization = options.canonicalization ?? 'http://www.w3.org/2001/10/xml-exc-c14n#';
  const signature = new SignedXml({
    privateKey: key.privateKey.export({ type: 'pkcs8', format: 'pem' }),
    publicCert: key.certificate,
    signatureAlgorithm: options.signatureAlgorithm ?? 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    canonicalizationAlgorithm: canonicalization as 'http://www.w3.org/2001/10/xml-exc-c14n#',
    getKeyInfoContent: SignedXml.getKeyInfoContent,
  });
  const element = `//*[local-name(.)='${name}']`;
  signature.addReference({
    xpath: element,
    transforms: ['http://www.w3.org/2000/09/xmldsig#enveloped-signature', canonicalization],
    digestAlgorithm: options.digestAlgorithm ?? 'http://www.w3.org/2001/04/xmlenc#sha256',
  });
  // The schema wants the signature right after the issuer.
  signature.computeSignature(xml, { prefix: 'ds', location: { reference: `${element}/*[local-name(.)='Issuer']`, action: 'after' } });
  return signature.getSignedXml();
}

function shift(instant: string, milliseconds: number): string {
  return new Date(Date.parse(instant) + milliseconds).toISOString();
}
