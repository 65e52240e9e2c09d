import { createPublicKey, type KeyObject } from 'node:crypto';
import { InputInvalid, type Instant } from '@tenure/domain';
import { ENCRYPTION, ENCRYPTION_11, METADATA, POST_BINDING, REDIRECT_BINDING, SIGNATURE, SOAP_BINDING } from '../namespaces.ts';
import { attributeOf, descendantsOf, elementsOf, textOf, type XmlElement } from '../parse-xml.ts';
import { earliestEnd, MAXIMUM_LENGTH, metadataRoot, signingCertificatesOf } from '../provider-metadata.ts';
import { readSigningCertificate, type SigningCertificate } from '../signing-certificate.ts';

/** Address that an application receives responses at by HTTP-POST. */
export interface AssertionConsumer {
  readonly index: number;
  readonly url: string;
  /** `null`: not stated. */
  readonly isDefault: boolean | null;
}

/** Addresses of a service by binding; `null`: not offered. */
export interface LogoutService {
  /** Address of requests. */
  readonly url: string;
  /** Address of answers. */
  readonly responseUrl: string;
}

/** Metadata of an application (service provider, SAML metadata 2.4.4). */
export interface SamlApplicationMetadata {
  readonly entityId: string;
  /** At least one. */
  readonly assertionConsumers: readonly AssertionConsumer[];
  /** True: its requests count only if they are signed. */
  readonly authnRequestsSigned: boolean;
  /** Parts that Tenure signs: `response` where the application states that it wants assertions unsigned, else both. */
  readonly signs: 'both' | 'response';
  /** Certificates whose keys may sign its messages; empty: it signs none. */
  readonly signingCertificates: readonly SigningCertificate[];
  /** Encryption that it wants; `null`: none. */
  readonly encryption: AssertionEncryption | null;
  /** NameID formats that it accepts, in its order; empty: any. */
  readonly nameIdFormats: readonly string[];
  readonly logout: {
    readonly redirect: LogoutService | null;
    readonly post: LogoutService | null;
    /** Address for SOAP. */
    readonly soap: string | null;
  };
  /** End of the document's validity; `null`: not stated. */
  readonly validUntil: Instant | null;
}

/** Key and cipher of an encrypted assertion. */
export interface AssertionEncryption {
  /** RSA public key. */
  readonly key: KeyObject;
  readonly cipher: 'aes-128-gcm' | 'aes-256-gcm';
}

const MINIMUM_RSA_BITS = 2048;
/** More than any application has; each costs a comparison with every request. */
const MOST_ADDRESSES = 100;

/**
 * Reads an application's metadata: an EntityDescriptor, or an EntitiesDescriptor with one service provider in it. The document's own signature is not
 * checked: it is as trustworthy as the address that it was fetched from.
 * @throws InputInvalid when it is too large, not well-formed, expired, or lacks what an entry needs
 */
export function parseApplicationMetadata(xml: string, now: Instant): SamlApplicationMetadata {
  if (xml.length > MAXIMUM_LENGTH) throw new InputInvalid('the metadata is larger than 1 MiB');
  const { entity, role } = serviceProviderOf(metadataRoot(xml));
  const entityId = attributeOf(entity, 'entityID')?.trim();
  if (!entityId) throw new InputInvalid('the metadata has no entityID');
  const validUntil = earliestEnd(role);
  if (validUntil !== null && validUntil <= now) throw new InputInvalid(`the metadata expired at ${validUntil}`);
  const authnRequestsSigned = isTrue(role, 'AuthnRequestsSigned') === true;
  const signingCertificates = signingCertificatesOf(role);
  if (authnRequestsSigned && signingCertificates.length === 0) throw new InputInvalid('the metadata has signed requests, but no signing certificate');
  return {
    entityId,
    assertionConsumers: assertionConsumersOf(role),
    authnRequestsSigned,
    signs: isTrue(role, 'WantAssertionsSigned') === false ? 'response' : 'both',
    signingCertificates,
    encryption: encryptionOf(role),
    nameIdFormats: elementsOf(role, METADATA, 'NameIDFormat').map((format) => textOf(format).trim()),
    logout: {
      redirect: logoutService(role, REDIRECT_BINDING),
      post: logoutService(role, POST_BINDING),
      soap: logoutService(role, SOAP_BINDING)?.url ?? null,
    },
    validUntil,
  };
}

/** Every address in the metadata to which Tenure sends browsers or requests. */
export function addressesOf({ assertionConsumers, logout: { redirect, post, soap } }: SamlApplicationMetadata): readonly string[] {
  const logout = [redirect, post].flatMap((service) => (service === null ? [] : [service.url, service.responseUrl]));
  return [...assertionConsumers.map(({ url }) => url), ...logout, ...(soap === null ? [] : [soap])];
}

/** Address of responses unless a request chooses another one (SAML metadata 2.4.4). */
export function defaultConsumer({ assertionConsumers }: Pick<SamlApplicationMetadata, 'assertionConsumers'>): AssertionConsumer {
  const [first] = assertionConsumers;
  const chosen = assertionConsumers.find(({ isDefault }) => isDefault === true) ?? assertionConsumers.find(({ isDefault }) => isDefault === null) ?? first;
  if (chosen === undefined) throw new Error('metadata without an address of responses was taken');
  return chosen;
}

function serviceProviderOf(root: XmlElement): { readonly entity: XmlElement; readonly role: XmlElement } {
  const entities = root.namespace !== METADATA ? [] : root.name === 'EntityDescriptor' ? [root] : descendantsOf(root, METADATA, 'EntityDescriptor');
  const found = entities.flatMap((entity) => elementsOf(entity, METADATA, 'SPSSODescriptor').map((role) => ({ entity, role })));
  const [first] = found;
  if (first === undefined || found.length > 1) throw new InputInvalid(`the metadata describes ${found.length} service providers; it has to be one`);
  return first;
}

function assertionConsumersOf(role: XmlElement): readonly AssertionConsumer[] {
  const consumers = elementsOf(role, METADATA, 'AssertionConsumerService')
    .filter((service) => attributeOf(service, 'Binding') === POST_BINDING)
    .map((service) => ({
      index: Number(attributeOf(service, 'index') ?? 0),
      url: addressOf(service, 'Location'),
      isDefault: isTrue(service, 'isDefault'),
    }));
  if (consumers.length === 0) throw new InputInvalid('the metadata has no AssertionConsumerService with the HTTP-POST binding');
  if (consumers.length > MOST_ADDRESSES) throw new InputInvalid(`the metadata has more than ${MOST_ADDRESSES} addresses of one kind`);
  return consumers;
}

function logoutService(role: XmlElement, binding: string): LogoutService | null {
  const service = elementsOf(role, METADATA, 'SingleLogoutService').find((element) => attributeOf(element, 'Binding') === binding);
  if (service === undefined) return null;
  const url = addressOf(service, 'Location');
  return { url, responseUrl: attributeOf(service, 'ResponseLocation') === null ? url : addressOf(service, 'ResponseLocation') };
}

function addressOf(service: XmlElement, attribute: 'Location' | 'ResponseLocation'): string {
  const location = attributeOf(service, attribute)?.trim() ?? '';
  if (!/^https?:$/.test(URL.parse(location)?.protocol ?? '')) throw new InputInvalid(`the metadata has a ${service.name} that is no http(s) address`);
  return location;
}

/** Value of an xs:boolean attribute; `null`: absent. */
function isTrue(element: XmlElement, name: string): boolean | null {
  const text = attributeOf(element, name)?.trim() ?? null;
  return text === null ? null : text === 'true' || text === '1';
}

/** Encryption that a key of use `encryption` asks for. A key without a use may verify signatures as well, and asks for nothing. */
function encryptionOf(role: XmlElement): AssertionEncryption | null {
  const descriptors = elementsOf(role, METADATA, 'KeyDescriptor').filter((key) => attributeOf(key, 'use') === 'encryption');
  const [descriptor] = descriptors;
  if (descriptor === undefined) return null;
  const key = encryptionKey(descriptor);
  if (key.asymmetricKeyType !== 'rsa' || (key.asymmetricKeyDetails?.modulusLength ?? 0) < MINIMUM_RSA_BITS)
    throw new InputInvalid(`the metadata has an encryption key that is no RSA key of at least ${MINIMUM_RSA_BITS} bits`);
  const methods = elementsOf(descriptor, METADATA, 'EncryptionMethod').map((method) => attributeOf(method, 'Algorithm') ?? '');
  return { key, cipher: cipherOf(methods) };
}

const CIPHERS = new Map<string, AssertionEncryption['cipher']>([
  [`${ENCRYPTION_11}aes256-gcm`, 'aes-256-gcm'],
  [`${ENCRYPTION_11}aes128-gcm`, 'aes-128-gcm'],
]);

/** First authenticated cipher of those that an application names; AES-256-GCM where it names none. */
function cipherOf(methods: readonly string[]): AssertionEncryption['cipher'] {
  const ciphers = methods.filter((method) => /aes|tripledes/.test(method) && !/\/xmlenc#kw-|11#kw-/.test(method));
  const [first] = ciphers.flatMap((method) => CIPHERS.get(method) ?? []);
  if (first === undefined && ciphers.length > 0)
    throw new InputInvalid('the metadata wants encryption by CBC alone, which does not detect changes; AES-GCM is needed');
  const transports = methods.filter((method) => /rsa/.test(method));
  if (transports.length > 0 && !transports.includes(`${ENCRYPTION}rsa-oaep-mgf1p`))
    throw new InputInvalid('the metadata wants keys encrypted by something else than RSA-OAEP (rsa-oaep-mgf1p), which is needed');
  return first ?? 'aes-256-gcm';
}

function encryptionKey(descriptor: XmlElement): KeyObject {
  const [certificate] = descendantsOf(descriptor, SIGNATURE, 'X509Certificate');
  const [value] = descendantsOf(descriptor, SIGNATURE, 'RSAKeyValue');
  try {
    if (certificate !== undefined) return readSigningCertificate(Buffer.from(textOf(certificate), 'base64')).key;
    const part = (name: string): string =>
      Buffer.from(value === undefined ? '' : elementsOf(value, SIGNATURE, name).map(textOf).join(''), 'base64').toString('base64url');
    return createPublicKey({ key: { kty: 'RSA', n: part('Modulus'), e: part('Exponent') }, format: 'jwk' });
  } catch {
    throw new InputInvalid('the metadata has an encryption key that cannot be read');
  }
}
