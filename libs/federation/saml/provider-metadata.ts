import { InputInvalid, type Instant } from '@tenure/domain';
import { METADATA, POST_BINDING, REDIRECT_BINDING, SIGNATURE, SOAP_BINDING } from './namespaces.ts';
import { attributeOf, descendantsOf, elementsOf, parseXml, textOf, type XmlElement } from './parse-xml.ts';
import { readInstant } from './read-instant.ts';
import { readSigningCertificate, type SigningCertificate } from './signing-certificate.ts';

/** Metadata of an identity provider (SAML metadata 2.4.3), as far as a login needs it. */
export interface SamlProviderMetadata {
  readonly entityId: string;
  /** Address of requests by HTTP-Redirect. */
  readonly ssoUrl: string;
  /** Address of requests by HTTP-POST, which Tenure does not use. */
  readonly ssoPostUrl: string | null;
  /** True: requests have to be signed (WantAuthnRequestsSigned). */
  readonly wantsSignedRequests: boolean;
  /** Addresses of single logout, in the order of the document; empty: none. */
  readonly logoutServices: readonly SamlLogoutService[];
  /** Certificates whose keys may sign: several during a change of keys. */
  readonly signingCertificates: readonly SigningCertificate[];
  /** End of the document's validity; `null`: not stated. */
  readonly validUntil: Instant | null;
}

/** Single logout service of an entity, for one binding. */
export interface SamlLogoutService {
  readonly binding: 'redirect' | 'post' | 'soap';
  readonly url: string;
  /** Address of answers to its requests. */
  readonly responseUrl: string;
}

/** Largest metadata that is read, in characters. */
export const MAXIMUM_LENGTH = 1_048_576;
const MINIMUM_RSA_BITS = 2048;

/**
 * Reads an identity provider's metadata: an EntityDescriptor, or an EntitiesDescriptor with one identity provider in it.
 * The document's own signature is not checked: it is as trustworthy as the address that it was fetched from.
 * @throws InputInvalid when it is too large, not well-formed, expired, or lacks what a login needs
 */
export function parseSamlMetadata(xml: string, now: Instant): SamlProviderMetadata {
  if (xml.length > MAXIMUM_LENGTH) throw new InputInvalid('the metadata is larger than 1 MiB');
  const { entity, role } = identityProviderOf(metadataRoot(xml));
  const entityId = attributeOf(entity, 'entityID');
  if (!entityId) throw new InputInvalid('the metadata has no entityID');
  const validUntil = earliestEnd(role);
  if (validUntil !== null && validUntil <= now) throw new InputInvalid(`the metadata expired at ${validUntil}`);
  const ssoUrl = serviceUrl(role, REDIRECT_BINDING);
  if (ssoUrl === null) throw new InputInvalid('the metadata has no SingleSignOnService with the HTTP-Redirect binding');
  const signingCertificates = signingCertificatesOf(role);
  if (signingCertificates.length === 0) throw new InputInvalid('the metadata has no signing certificate');
  return {
    entityId,
    ssoUrl,
    ssoPostUrl: serviceUrl(role, POST_BINDING),
    wantsSignedRequests: ['true', '1'].includes(attributeOf(role, 'WantAuthnRequestsSigned') ?? ''),
    logoutServices: logoutServicesOf(role),
    signingCertificates,
    validUntil,
  };
}

/** Root of a metadata document. @throws InputInvalid */
export function metadataRoot(xml: string): XmlElement {
  try {
    return parseXml(xml.replace(/^\ufeff/, ''));
  } catch (error) {
    throw new InputInvalid(`the metadata cannot be read: ${error instanceof Error ? error.message : 'not XML'}`);
  }
}

function identityProviderOf(root: XmlElement): { readonly entity: XmlElement; readonly role: XmlElement } {
  const entities = root.namespace !== METADATA ? [] : root.name === 'EntityDescriptor' ? [root] : descendantsOf(root, METADATA, 'EntityDescriptor');
  const found = entities.flatMap((entity) => elementsOf(entity, METADATA, 'IDPSSODescriptor').map((role) => ({ entity, role })));
  const [first] = found;
  if (first === undefined || found.length > 1) throw new InputInvalid(`the metadata describes ${found.length} identity providers; it has to be one`);
  return first;
}

/** Earliest `validUntil` of the role and of the elements around it. */
export function earliestEnd(role: XmlElement): Instant | null {
  const ends: Instant[] = [];
  for (let node: XmlElement | null = role; node !== null; node = node.parent) {
    const text = attributeOf(node, 'validUntil');
    if (text === null) continue;
    const end = readInstant(text);
    if (end === null) throw new InputInvalid('the metadata has a validUntil that is no date and time');
    ends.push(end);
  }
  return ends.toSorted()[0] ?? null;
}

function serviceUrl(role: XmlElement, binding: string): string | null {
  const service = elementsOf(role, METADATA, 'SingleSignOnService').find((element) => attributeOf(element, 'Binding') === binding);
  const location = service ? attributeOf(service, 'Location') : null;
  if (location === null) return null;
  if (!/^https?:$/.test(URL.parse(location)?.protocol ?? '')) throw new InputInvalid('the metadata has a SingleSignOnService that is no http(s) address');
  return location;
}

/** Single logout services of a role (SAML metadata 2.4.2). @throws InputInvalid for an address that is no http(s) address */
export function logoutServicesOf(role: XmlElement): readonly SamlLogoutService[] {
  return elementsOf(role, METADATA, 'SingleLogoutService').flatMap((service) => {
    const binding = BINDINGS.get(attributeOf(service, 'Binding') ?? '');
    const url = attributeOf(service, 'Location');
    if (binding === undefined || url === null) return [];
    const responseUrl = attributeOf(service, 'ResponseLocation') ?? url;
    for (const one of [url, responseUrl])
      if (!/^https?:$/.test(URL.parse(one)?.protocol ?? '')) throw new InputInvalid('the metadata has a SingleLogoutService that is no http(s) address');
    return [{ binding, url, responseUrl }];
  });
}
const BINDINGS: ReadonlyMap<string, SamlLogoutService['binding']> = new Map([
  [REDIRECT_BINDING, 'redirect'],
  [POST_BINDING, 'post'],
  [SOAP_BINDING, 'soap'],
]);

/** Certificates of a role that may sign, each once. @throws InputInvalid for one that cannot be read, or is too weak */
export function signingCertificatesOf(role: XmlElement): readonly SigningCertificate[] {
  const certificates = elementsOf(role, METADATA, 'KeyDescriptor')
    .filter((key) => (attributeOf(key, 'use') ?? 'signing') === 'signing')
    .flatMap((key) => descendantsOf(key, SIGNATURE, 'X509Certificate'))
    .map((element) => signingCertificate(textOf(element)));
  return [...new Map(certificates.map((certificate) => [certificate.pem, certificate])).values()];
}

/** Reads a certificate without checking its dates and issuer: the metadata vouches for the key (SAML metadata 2.4.1.1). */
function signingCertificate(text: string): SigningCertificate {
  const certificate = readCertificate(text);
  const { asymmetricKeyType, asymmetricKeyDetails } = certificate.key;
  if (asymmetricKeyType === 'rsa' && (asymmetricKeyDetails?.modulusLength ?? 0) < MINIMUM_RSA_BITS) {
    throw new InputInvalid(`the metadata has an RSA signing key of fewer than ${MINIMUM_RSA_BITS} bits`);
  }
  return certificate;
}

function readCertificate(text: string): SigningCertificate {
  try {
    return readSigningCertificate(Buffer.from(text, 'base64'));
  } catch {
    throw new InputInvalid('the metadata has a signing certificate that cannot be read');
  }
}
