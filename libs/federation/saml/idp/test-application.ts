import { X509Certificate } from 'node:crypto';
import { createSigningKey } from '@tenure/testing/identity-providers/self-signed-certificate.ts';
import { ASSERTION, POST_BINDING, PROTOCOL } from '../namespaces.ts';
import { escapeXml } from '../parse-xml.ts';
import { later, NOW } from '../test-messages.ts';
import type { SamlApplicationMetadata } from './application-metadata.ts';
import { parseApplicationMetadata } from './application-metadata.ts';
import type { SamlIdentityProvider } from './identity-provider-metadata.ts';
import { PERSISTENT_FORMAT } from './name-formats.ts';
import type { AssertionInput } from './write-response.ts';

/** Test data: Tenure as an identity provider, and one application. */
export const TENURE_KEY = createSigningKey('Tenure saml');
export const APPLICATION_KEY = createSigningKey('wiki');
export const IDENTITY_PROVIDER: SamlIdentityProvider = {
  entityId: 'https://tenure.example/idp/saml/metadata',
  ssoUrl: 'https://tenure.example/idp/saml/sso',
  sloUrl: 'https://tenure.example/idp/saml/slo',
  soapUrl: 'https://tenure.example/idp/saml/soap',
};
export const WIKI = { entityId: 'https://wiki.example/metadata', acsUrl: 'https://wiki.example/acs' };

/** Parts of an application's metadata, as XML. */
export interface TestApplication {
  readonly attributes?: string;
  /** Before the consumers. */
  readonly before?: string;
  readonly consumers?: string;
  readonly key?: string;
}

export const CERTIFICATE = new X509Certificate(APPLICATION_KEY.certificate).raw.toString('base64');
export const keyDescriptor = (use: string, inside = ''): string =>
  `<md:KeyDescriptor${use === '' ? '' : ` use="${use}"`}><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>${CERTIFICATE}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>${inside}</md:KeyDescriptor>`;
export const consumer = (url: string, index: number, more = '', binding = POST_BINDING): string =>
  `<md:AssertionConsumerService Binding="${binding}" Location="${escapeXml(url)}" index="${index}" ${more}/>`;

export function applicationMetadata({
  attributes = '',
  key = keyDescriptor('signing'),
  before = '',
  consumers = consumer(WIKI.acsUrl, 0),
}: TestApplication = {}): string {
  return (
    `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${WIKI.entityId}">` +
    `<md:SPSSODescriptor protocolSupportEnumeration="${PROTOCOL}" ${attributes}>${key}${before}${consumers}</md:SPSSODescriptor></md:EntityDescriptor>`
  );
}

export const application = (parts: TestApplication = {}): SamlApplicationMetadata => parseApplicationMetadata(applicationMetadata(parts), NOW);

export const assertionInput = (more: Partial<AssertionInput> = {}): AssertionInput => ({
  issuer: IDENTITY_PROVIDER.entityId,
  application: application(),
  acsUrl: WIKI.acsUrl,
  inResponseTo: '_request',
  signature: TENURE_KEY,
  now: NOW,
  nameId: { value: 'ada', format: PERSISTENT_FORMAT, nameQualifier: IDENTITY_PROVIDER.entityId, spNameQualifier: WIKI.entityId },
  sessionIndex: '_session',
  sessionEnd: later(3600),
  authenticatedAt: NOW,
  context: 'urn:oasis:names:tc:SAML:2.0:ac:classes:Password',
  attributes: { email: 'ada@contoso.example', groups: ['readers', 'editors'], isEditor: true, level: 3, 'urn:oid:2.5.4.42': 'Ada' },
  ...more,
});

/** An AuthnRequest as an application writes it. @param attributes written on the root beside those that it has to have @param inside after the issuer */
export function authnRequest({
  id = '_request',
  issuer = WIKI.entityId,
  now = NOW,
  destination = IDENTITY_PROVIDER.ssoUrl,
  attributes = '',
  inside = '',
}: {
  readonly id?: string;
  readonly issuer?: string;
  readonly now?: string;
  readonly destination?: string | null;
  readonly attributes?: string;
  readonly inside?: string;
} = {}): string {
  return (
    `<samlp:AuthnRequest xmlns:samlp="${PROTOCOL}" xmlns:saml="${ASSERTION}" ID="${id}" Version="2.0" IssueInstant="${now}"` +
    `${destination === null ? '' : ` Destination="${destination}"`} ${attributes}><saml:Issuer>${issuer}</saml:Issuer>${inside}</samlp:AuthnRequest>`
  );
}
