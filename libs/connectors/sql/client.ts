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

/** A client of the driver whose socket can be watched and cut. */
export class SocketClient extends Client {
  readonly socket: Socket;
  constructor(config: SocketConfig = {}) {
    const socket = new Socket();
    config.progress?.follow(socket, config.host ?? '', false);
    // The pool hides the password from enumeration, so it has to be named.
    super({ ...config, ...(config.password === undefined ? {} : { password: config.password }), stream: () => socket });
    this.socket = socket;
  }
}

/**
 * How to reach the target. Whatever its address says of TLS is left out: `tls` decides, and it knows no half-measures.
 * @throws ConnectorRefused when the file of its certificate authority cannot be read
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

// boolean, int2, int4, float4, float8, text[], varchar[]. All else stays the text that PostgreSQL wrote: dates of JavaScript
// would be moved to another time zone, and numbers of any length would lose digits.
const parsed: ReadonlySet<number> = new Set([16, 21, 23, 700, 701, 1009, 1015]);

function getTypeParser(oid: number): (text: string) => unknown {
  return parsed.has(oid) ? types.getTypeParser(oid) : (text) => text;
}
