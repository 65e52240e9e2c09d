import type { ConnectionStep } from '@tenure/domain';

/** Settings to name in the remedy, as they are written in tenure.yaml. */
export interface ConnectionFields {
  /** Setting with the address of the other side, such as `targets.crm.url`. */
  readonly address: string;
  /** Setting with the PEM file of a certificate authority. */
  readonly authority: string;
}

/** Reason for which a connection fails, from the code of the platform. */
export interface ConnectionReason {
  readonly step: ConnectionStep;
  readonly reason: string;
  /** Clause with the problem and the remedy, without the code. */
  readonly message: string;
}

type Known = readonly [step: ConnectionStep, wrong: string, remedy: (fields: ConnectionFields) => string];

const host: Known = ['reached', 'its host name is not known', ({ address }) => `check the host in ${address}`];
const nameServer: Known = ['reached', 'the name server did not answer', () => 'check the name server of this machine'];
const refused: Known = ['reached', 'nothing listens at its port', ({ address }) => `check host and port in ${address}, and that it runs`];
const noRoute: Known = ['reached', 'there is no way to its address', ({ address }) => `check the host in ${address} and the network between`];
const silent: Known = ['reached', 'no connection came about in time', ({ address }) => `check host and port in ${address}, and the firewalls between`];
const forbidden: Known = ['reached', 'this machine does not let Tenure connect', () => 'check its firewall'];
const closed: Known = [
  'answers',
  'it closed the connection without an answer',
  ({ address }) => `check that ${address} names the right port, with or without TLS`,
];
const noFiles: Known = ['reached', 'this machine has no file handles left', () => 'raise its limit'];
const stranger: Known = ['certificate', 'its certificate comes from an authority that is not known here', ({ authority }) => `name its CA in ${authority}`];
const selfSigned: Known = ['certificate', 'its certificate is self-signed, or its authority is', ({ authority }) => `name that CA in ${authority}`];
const invalid: Known = ['certificate', 'its certificate is not valid', () => 'it needs another one'];
const noTls: Known = ['certificate', 'it does not speak TLS at this port', ({ address }) => `check scheme and port in ${address}`];
const oldTls: Known = ['certificate', 'it offers no version or cipher of TLS that Tenure accepts', () => 'it has to speak TLS 1.2 or newer'];
const notHttp: Known = ['answers', 'it does not speak HTTP at this port', ({ address }) => `check scheme and port in ${address}`];

const reasons: Readonly<Record<string, Known>> = {
  ENOTFOUND: host,
  ENODATA: host,
  EAI_NODATA: host,
  EAI_NONAME: host,
  EAI_AGAIN: nameServer,
  EAI_FAIL: nameServer,
  ESERVFAIL: nameServer,
  DNS_TIMEOUT: nameServer,
  ECONNREFUSED: refused,
  EHOSTUNREACH: noRoute,
  EHOSTDOWN: noRoute,
  ENETUNREACH: noRoute,
  EADDRNOTAVAIL: noRoute,
  ETIMEDOUT: silent,
  UND_ERR_CONNECT_TIMEOUT: silent,
  CONNECT_TIMEOUT: silent,
  EACCES: forbidden,
  EPERM: forbidden,
  EMFILE: noFiles,
  ENFILE: noFiles,
  ADDRESS_REFUSED: ['reached', 'its name leads to an address that Tenure does not speak to', ({ address }) => `check the host in ${address}`],
  ECONNRESET: closed,
  EPIPE: closed,
  UND_ERR_SOCKET: closed,
  CLOSED: closed,
  ANSWER_TIMEOUT: [
    'answers',
    'it took the connection and did not answer in time',
    ({ address }) => `check that ${address} names the right port, and that it works`,
  ],
  UND_ERR_HEADERS_TIMEOUT: ['answers', 'it took the connection and did not answer in time', ({ address }) => `check that ${address} names the right port`],
  UND_ERR_BODY_TIMEOUT: ['answers', 'its answer did not end in time', () => 'check that it works'],
  UND_ERR_RES_EXCEEDED_MAX_SIZE: ['answers', 'its answer is too large', ({ address }) => `check the address in ${address}`],
  UND_ERR_INVALID_ARG: ['credentials', 'the token cannot be sent', () => 'it contains a character that is not allowed in an HTTP header'],
  DEPTH_ZERO_SELF_SIGNED_CERT: selfSigned,
  SELF_SIGNED_CERT_IN_CHAIN: selfSigned,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: stranger,
  UNABLE_TO_GET_ISSUER_CERT: stranger,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: stranger,
  CERT_UNTRUSTED: stranger,
  CERT_HAS_EXPIRED: ['certificate', 'its certificate has expired', () => 'it needs a new one'],
  CERT_NOT_YET_VALID: ['certificate', 'its certificate is not valid yet', () => 'check the clocks of both machines'],
  ERR_TLS_CERT_ALTNAME_INVALID: [
    'certificate',
    'its certificate is for another host name',
    ({ address }) => `write the name that the certificate bears in ${address}, or have a certificate issued for this one`,
  ],
  HOSTNAME_MISMATCH: ['certificate', 'its certificate is for another host name', ({ address }) => `write the name that the certificate bears in ${address}`],
  CERT_REVOKED: ['certificate', 'its certificate was revoked', () => 'it needs a new one'],
  CERT_SIGNATURE_FAILURE: invalid,
  CERT_REJECTED: invalid,
  CERT_CHAIN_TOO_LONG: invalid,
  INVALID_CA: invalid,
  INVALID_PURPOSE: invalid,
  PATH_LENGTH_EXCEEDED: invalid,
  TLS_TIMEOUT: ['certificate', 'it took the connection and did not answer the TLS handshake in time', ({ address }) => `check scheme and port in ${address}`],
  ERR_TLS_HANDSHAKE_TIMEOUT: ['certificate', 'it did not answer the TLS handshake in time', ({ address }) => `check scheme and port in ${address}`],
  ERR_SSL_WRONG_VERSION_NUMBER: noTls,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: noTls,
  ERR_SSL_RECORD_LAYER_FAILURE: noTls,
  TLS_CLOSED: ['certificate', 'it closed the connection during the TLS handshake', ({ address }) => `check scheme and port in ${address}`],
  TLS_NOT_OFFERED: ['certificate', 'it offers no TLS', () => 'switch TLS on there'],
  ERR_SSL_UNSUPPORTED_PROTOCOL: oldTls,
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: oldTls,
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: oldTls,
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: ['credentials', 'it demands a client certificate, which Tenure does not have', () => 'switch that off for Tenure'],
};

/** Returns the reason for a code of `codeOf`. An unknown code is shown as it is. */
export function connectionReason(code: string, fields: ConnectionFields): ConnectionReason {
  const known = Object.hasOwn(reasons, code) ? reasons[code] : code.startsWith('HPE_') ? notHttp : undefined;
  if (known === undefined) {
    const step = /^ERR_(SSL|TLS|OSSL)_|^EPROTO$|CERT/.test(code) ? 'certificate' : 'reached';
    return { step, reason: code, message: step === 'certificate' ? 'TLS did not come about' : 'the connection failed' };
  }
  const [step, wrong, remedy] = known;
  return { step, reason: code, message: `${wrong}: ${remedy(fields)}` };
}

/** A reason as one clause: problem, code, remedy. */
export function reasonText({ reason, message }: ConnectionReason): string {
  const [wrong = '', ...remedy] = message.split(': ');
  const code = reason === 'unknown' ? '' : ` (${reason})`;
  return remedy.length === 0 ? `${wrong}${code}` : `${wrong}${code}: ${remedy.join(': ')}`;
}
