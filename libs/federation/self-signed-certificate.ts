import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/** Key pair with a certificate for it, as SAML metadata publishes it. */
export interface SigningKey {
  readonly privateKey: KeyObject;
  /** PEM. */
  readonly certificate: string;
}

/** Creates an RSA key and a certificate signed by itself, valid for a year from `now`. */
export function createSigningKey(commonName: string, now: Date = new Date(), modulusLength = 2048): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength });
  const body = certificateBody(commonName, publicKey, now);
  const certificate = sequence(body, SHA256_WITH_RSA, bitString(sign('sha256', body, privateKey)));
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return { privateKey, certificate: `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n` };
}

/** TBSCertificate of RFC 5280 section 4.1, version 1: no extensions. Node can read certificates, but not make them. */
function certificateBody(commonName: string, publicKey: KeyObject, now: Date): Buffer {
  const serial = element(0x02, Buffer.concat([Buffer.from([0x01]), randomBytes(8)]));
  const name = sequence(element(0x31, sequence(COMMON_NAME, element(0x0c, Buffer.from(commonName)))));
  const validity = sequence(time(now, 0), time(now, 1));
  return sequence(serial, SHA256_WITH_RSA, name, validity, name, publicKey.export({ type: 'spki', format: 'der' }));
}

/** DER: tag, length, content. */
function element(tag: number, content: Buffer): Buffer {
  const length = content.length;
  const header = length < 0x80 ? [tag, length] : length < 0x100 ? [tag, 0x81, length] : [tag, 0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(header), content]);
}
function sequence(...parts: readonly Buffer[]): Buffer {
  return element(0x30, Buffer.concat(parts));
}
function bitString(content: Buffer): Buffer {
  return element(0x03, Buffer.concat([Buffer.from([0]), content]));
}
function time(now: Date, yearsLater: number): Buffer {
  const text = new Date(now.getTime() + yearsLater * 365 * 86_400_000).toISOString().replace(/[-:T]|\.\d+/g, '');
  return element(0x18, Buffer.from(text)); // GeneralizedTime, YYYYMMDDHHMMSSZ
}

const SHA256_WITH_RSA = sequence(element(0x06, Buffer.from('2a864886f70d01010b', 'hex')), element(0x05, Buffer.alloc(0)));
const COMMON_NAME = element(0x06, Buffer.from('550403', 'hex'));
