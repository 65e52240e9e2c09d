import { Socket } from 'node:net';
import { Client, type ClientConfig, types } from 'pg';
import type { ConnectProgress } from '@tenure/outbound';
import type { Failures } from '../failures.ts';
import { readAuthority } from '../read-authority.ts';
import type { SqlSettings } from './settings.ts';

/** Configuration of the driver, with the observer of its connection's progress. */
export interface SocketConfig extends ClientConfig {
  readonly progress?: ConnectProgress;
}

/** A client of the driver whose socket can be observed and cut. */
export class SocketClient extends Client {
  readonly socket: Socket;
  constructor(config: SocketConfig = {}) {
    const socket = new Socket();
    config.progress?.follow(socket, config.host ?? '', false);
    // The pool hides the password from enumeration, so it is passed explicitly.
    super({ ...config, ...(config.password === undefined ? {} : { password: config.password }), stream: () => socket });
    this.socket = socket;
  }
}

/**
 * Configuration of the connection. TLS parameters of the address are ignored: `tls` decides, without fallback to an unencrypted connection.
 * @throws ConnectorRefused when the file of the certificate authority cannot be read
 */
export function addressOf({ url, tls, caFile }: SqlSettings, failures: Failures): ClientConfig {
  const { hostname, port, username, password, pathname } = new URL(url);
  return {
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? 5432 : Number(port),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    database: decodeURIComponent(pathname.slice(1)),
    application_name: 'tenure',
    types: { getTypeParser },
    ssl: tls === 'none' ? false : { rejectUnauthorized: true, minVersion: 'TLSv1.2', ...(caFile === null ? {} : { ca: readAuthority(caFile, failures) }) },
  };
}

// boolean, int2, int4, float4, float8, text[], varchar[]. Other types stay PostgreSQL's text: JavaScript would convert dates to
// another time zone, and long numbers would lose digits.
const parsed: ReadonlySet<number> = new Set([16, 21, 23, 700, 701, 1009, 1015]);

function getTypeParser(oid: number): (text: string) => unknown {
  return parsed.has(oid) ? types.getTypeParser(oid) : (text) => text;
}
