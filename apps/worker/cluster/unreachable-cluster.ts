import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { TemporalConnection } from '@tenure/config';
import { grpcText, isRefused } from './cluster-services.ts';

/** Milliseconds that the probe waits: for an answer, or for a server that accepts a connection only to close it. */
const patience = 3_000;

/**
 * Explains in a sentence why there is no connection to Temporal. The clients' messages are short (`Failed to connect before the deadline`), so the
 * address is tried by itself: name, port, certificate of the server, and whether the server accepts ours.
 */
export async function unreachableCluster(connection: TemporalConnection, error: unknown): Promise<Error> {
  const { address, tls, apiKey } = connection;
  const cause = (error as { readonly cause?: unknown } | null)?.cause;
  const refused = [error, cause].find(isRefused);
  const refusal = refused === undefined ? refusalInWords(error) : grpcText(refused);
  if (refusal !== null) {
    const by = [
      ...(apiKey === undefined ? [] : ['TEMPORAL_API_KEY']),
      ...(tls === false || tls.clientCertPair === undefined ? [] : ['the client certificate']),
    ];
    const check = by.length === 0 ? 'set TEMPORAL_API_KEY or a client certificate (TEMPORAL_TLS_CLIENT_CERT_PATH)' : `check ${by.join(' and ')}`;
    return new Error(`Temporal at ${address} lets nobody in like this (${refusal}): ${check}.`, { cause: error });
  }
  const trouble = await probe(connection);
  return new Error(`Temporal does not answer at ${address}${saying(trouble, connection, error)}`, { cause: error });
}

/** Sentence for the codes UNAUTHENTICATED and PERMISSION_DENIED, which the worker's client reports as text when it connects. */
function refusalInWords(error: unknown): string | null {
  const said = /code: 'The (?:request does not have valid auth|caller does not have permission)[^']*', message: "([^"]*)"/.exec(grpcText(error));
  return said === null ? null : (said[1] ?? '').replace(/\.$/, '');
}

function saying(trouble: NodeJS.ErrnoException | null, { tls }: TemporalConnection, error: unknown): string {
  if (trouble === null)
    return tls === false
      ? `, though something listens there (${grpcText(error)}): if it wants TLS, set TEMPORAL_TLS=true.`
      : `, though something listens there and takes TLS (${grpcText(error)}).`;
  const code = trouble.code ?? '';
  if (/^E|TIMEOUT/.test(code) && !code.startsWith('ERR_')) return ` (${code}): is it running, and is TEMPORAL_ADDRESS right?`;
  const reason = `${code} ${trouble.message}`.trim();
  if (/ALTNAME/.test(code)) return ` under a certificate of that name (${reason}): TEMPORAL_TLS_SERVER_NAME names the one that it bears.`;
  if (/SELF_SIGNED|UNABLE_TO_|UNTRUSTED/.test(code))
    return ` with a certificate that can be trusted (${reason}): name its authority in TEMPORAL_TLS_SERVER_CA_CERT_PATH.`;
  if (/CERT_HAS_EXPIRED/.test(code)) return ` with a certificate that is valid (${reason}): renew the server's.`;
  if (/WRONG_VERSION|PACKET_LENGTH|UNEXPECTED_MESSAGE/.test(code)) return ` with TLS (${reason}): if it takes none, set TEMPORAL_TLS=false.`;
  if (/ALERT|RESET/.test(code))
    return `: it ends the connection (${reason}), as servers do that want another client certificate (TEMPORAL_TLS_CLIENT_CERT_PATH).`;
  return ` (${reason}).`;
}

/** Connects and waits a moment: in TLS 1.3 a client certificate is refused after the client's handshake is over. */
async function probe({ address, tls }: TemporalConnection): Promise<NodeJS.ErrnoException | null> {
  const [host = '', port = ''] = address.split(':');
  const where = { host, port: Number(port) };
  const name = tls === false ? '' : (tls.serverNameOverride ?? host);
  const socket: Socket =
    tls === false
      ? connectTcp(where)
      : connectTls({
          ...where,
          ALPNProtocols: ['h2'],
          // An address is no name to ask for.
          ...(/^[\d.]+$/.test(name) ? {} : { servername: name }),
          ...(tls.serverRootCACertificate === undefined ? {} : { ca: tls.serverRootCACertificate }),
          ...(tls.clientCertPair === undefined ? {} : { cert: tls.clientCertPair.crt, key: tls.clientCertPair.key }),
        });
  try {
    return await new Promise((resolve) => {
      let isThere = false;
      socket.on('error', resolve);
      socket.once(tls === false ? 'connect' : 'secureConnect', () => {
        isThere = true;
        if (tls === false) resolve(null);
        // HTTP/2 begins with a preface of the client, to which every server answers.
        else socket.write(`PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${'\0\0\0\u0004\0\0\0\0\0'}`);
      });
      socket.once('data', () => resolve(null));
      socket.once('close', () => resolve(Object.assign(new Error('the connection was closed'), { code: isThere ? 'CONNECTION_RESET' : 'ECONNRESET' })));
      socket.setTimeout(patience, () => resolve(isThere ? null : Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })));
    });
  } finally {
    socket.destroy();
  }
}
