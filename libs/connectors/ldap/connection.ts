import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectSecure } from 'node:tls';
import { Client } from 'ldapts';
import { type ConnectProgress, watchAnswer } from '@tenure/outbound';
import type { Failures } from '../failures.ts';
import { readAuthority } from '../read-authority.ts';
import { startTlsRefused, translated } from './failures.ts';
import type { LdapSettings } from './settings.ts';

/** One connection, bound with the target's credentials. It is used by one call at a time and never reconnects. */
export interface LdapConnection {
  readonly client: Client;
  /** True until the connection is closed, for any reason. */
  isAlive(): boolean;
  destroy(): void;
  /** Starts to count the bytes that are read; the returned function is true if there were too many, in which case the connection is cut. */
  watch(): () => boolean;
}

/**
 * Connects and binds.
 * @param progress observes the connection
 * @throws ConnectorUnavailable, or ConnectorRefused when the credentials are not accepted
 */
export async function openConnection(settings: LdapSettings, failures: Failures, signal: AbortSignal, progress: ConnectProgress): Promise<LdapConnection> {
  // An empty password would be an anonymous bind (RFC 4513 section 5.1.2), which finds nothing and reports no error.
  if (settings.password === '') throw failures.refused('its password is empty', { reason: 'NO_PASSWORD', step: 'credentials' });
  let socket: Socket | null = null;
  let opened = false;
  let lost = false;

  function keep(created: Socket, secure: boolean): Socket {
    socket = created;
    progress.follow(created, host, secure);
    created.once('close', () => {
      lost = true;
    });
    return created;
  }
  /** Prevents a second connection: the client would reconnect without binding, and then see an empty directory. */
  function once<T extends Socket>(connect: () => T, secure: boolean): T {
    if (opened) throw failures.unavailable('the connection was lost', { reason: 'CLOSED', step: 'answers' });
    opened = true;
    const created = connect();
    keep(created, secure);
    return created;
  }

  const url = new URL(settings.url);
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const tls = settings.tls === 'none' ? undefined : tlsOptions(settings, host, failures);
  const client = new Client({
    url: `${settings.tls === 'ldaps' ? 'ldaps' : 'ldap'}://${url.host}`,
    timeout: settings.timeout,
    connectTimeout: settings.timeout,
    ...(settings.tls === 'ldaps' && tls ? { tlsOptions: tls } : {}),
    createConnection: ((port: number, name: string) => once(() => connectPlain(port, name), false)) as typeof connectPlain,
    createSecureConnection: ((...args: readonly unknown[]) => {
      if (args.length > 1) return once(() => connectSecure(Number(args[0]), host, tls ?? {}), true);
      const upgraded = connectSecure(args[0] as ConnectionOptions);
      keep(upgraded, true);
      return upgraded;
    }) as typeof connectSecure,
  });

  const destroy = (): void => {
    lost = true;
    socket?.destroy();
  };
  signal.addEventListener('abort', destroy, { once: true });
  try {
    if (settings.tls === 'starttls' && tls) {
      await client.startTLS({ ...tls }).catch((error: unknown) => {
        throw startTlsRefused(error, failures);
      });
    }
    await client.bind(settings.bindDn, settings.password);
  } catch (error) {
    destroy();
    throw translated(error, failures, progress);
  } finally {
    signal.removeEventListener('abort', destroy);
  }
  return {
    client,
    isAlive: () => !lost && client.isBound,
    destroy,
    watch: () => (socket ? watchAnswer(socket) : () => false),
  };
}

function tlsOptions(settings: LdapSettings, host: string, failures: Failures): ConnectionOptions {
  return {
    host,
    ...(isIP(host) ? {} : { servername: host }),
    ...(settings.caFile === null ? {} : { ca: readAuthority(settings.caFile, failures) }),
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
  };
}
