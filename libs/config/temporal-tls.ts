import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { errorCode } from './error-code.ts';

/** TLS options of the connection to Temporal, in the shape of both clients of Temporal's SDK. */
export interface TemporalTls {
  /** Name that the server's certificate must have; absent: the host of TEMPORAL_ADDRESS. */
  readonly serverNameOverride?: string;
  /** PEM of the authorities that may sign the server's certificate; absent: those of the system. */
  readonly serverRootCACertificate?: Buffer;
  /** PEM of the client certificate of this process, and of its key. */
  readonly clientCertPair?: { readonly crt: Buffer; readonly key: Buffer };
}

type Read = (name: string) => string | null;
type Wrong = (name: string, message: string) => void;

/** Variables of TLS, named as Temporal's own tools name them. */
export const tlsVariables = [
  'TEMPORAL_TLS',
  'TEMPORAL_TLS_SERVER_CA_CERT_PATH',
  'TEMPORAL_TLS_CLIENT_CERT_PATH',
  'TEMPORAL_TLS_CLIENT_KEY_PATH',
  'TEMPORAL_TLS_SERVER_NAME',
] as const;

/** @returns `null`: the connection is not encrypted. Problems are reported by variable, never with the content of a file. */
export function readTemporalTls(text: Read, hasApiKey: boolean, wrong: Wrong): TemporalTls | null {
  const named = tlsVariables.slice(1).filter((name) => text(name) !== null);
  const wish = text('TEMPORAL_TLS');
  if (wish !== null && wish !== 'true' && wish !== 'false') wrong('TEMPORAL_TLS', 'must be true or false');
  if (wish === 'false') {
    if (named.length > 0) wrong('TEMPORAL_TLS', `is false, although ${named.join(', ')} ${named.length === 1 ? 'is' : 'are'} set: remove one or the other`);
    return null;
  }
  // A certificate or an API key implies an encrypted connection, as in Temporal's own tools.
  if (wish === null && named.length === 0 && !hasApiKey) return null;
  const pem = (name: string): Buffer | null => readPem(name, text(name), wrong);
  const [authorities, crt, key] = [
    pem('TEMPORAL_TLS_SERVER_CA_CERT_PATH'),
    pem('TEMPORAL_TLS_CLIENT_CERT_PATH'),
    readFileOf('TEMPORAL_TLS_CLIENT_KEY_PATH', text('TEMPORAL_TLS_CLIENT_KEY_PATH'), wrong),
  ];
  const isHalf = (text('TEMPORAL_TLS_CLIENT_CERT_PATH') === null) !== (text('TEMPORAL_TLS_CLIENT_KEY_PATH') === null);
  if (isHalf) wrong('TEMPORAL_TLS_CLIENT_CERT_PATH', 'and TEMPORAL_TLS_CLIENT_KEY_PATH belong together: set both or neither');
  if (crt !== null && key !== null) checkKey(crt, key, wrong);
  const serverName = text('TEMPORAL_TLS_SERVER_NAME');
  return {
    ...(serverName === null ? {} : { serverNameOverride: serverName }),
    ...(authorities === null ? {} : { serverRootCACertificate: authorities }),
    ...(crt === null || key === null ? {} : { clientCertPair: { crt, key } }),
  };
}

/** Content of the file that a variable names; `null` if it names none, or one that cannot be read, which is reported. */
export function readFileOf(name: string, path: string | null, wrong: Wrong): Buffer | null {
  if (path === null) return null;
  try {
    return readFileSync(path);
  } catch (error) {
    wrong(name, `names a file that cannot be read (${errorCode(error)})`);
    return null;
  }
}

function readPem(name: string, path: string | null, wrong: Wrong): Buffer | null {
  const content = readFileOf(name, path, wrong);
  if (content === null) return null;
  try {
    new X509Certificate(content);
    return content;
  } catch {
    wrong(name, 'names a file that contains no certificate in PEM');
    return null;
  }
}

function checkKey(crt: Buffer, key: Buffer, wrong: Wrong): void {
  try {
    if (!new X509Certificate(crt).checkPrivateKey(createPrivateKey(key)))
      wrong('TEMPORAL_TLS_CLIENT_KEY_PATH', 'names a key that does not belong to the certificate of TEMPORAL_TLS_CLIENT_CERT_PATH');
  } catch {
    wrong('TEMPORAL_TLS_CLIENT_KEY_PATH', 'names a file that contains no private key in PEM, or an encrypted one: decrypt it with openssl pkey');
  }
}
