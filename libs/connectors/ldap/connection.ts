import { readFileSync } from 'node:fs';
import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectSecure } from 'node:tls';
import { Client } from 'ldapts';
import { watchAnswer } from '../bounded-socket.ts';
import type { Failures } from '../failures.ts';
import { translated } from './failures.ts';
import type { LdapSettings } from './settings.ts';

/** One connection, bound with the target's credentials. It is used by one call at a time and never connects again. */
export interface LdapConnection {
  readonly client: Client;
  /** False once the connection is gone for any reason. */
  isAlive(): boolean;
  destroy(): void;
  /** Starts to count what is read; the result says whether there was too much, in which case the connection is cut. */
  watch(): () => boolean;
}

/**
 * Connects and binds.
 * @throws ConnectorUnavailable, or ConnectorRefused when the credentials are not accepted
 */
export async function openConnection(settings: LdapSettings, failures: Failures, signal: AbortSignal): Promise<LdapConnection> {
  // An empty password would be taken for an anonymous bind (RFC 4513 section 5.1.2), which finds nothing and says so.
  if (settings.password === '') throw failures.refused('its password is empty');
  let socket: Socket | null = null;
  let opened = false;
  let lost = false;

  function keep(created: Socket): Socket {
    socket = created;
    created.once('close', () => {
      lost = true;
    });
    return created;
  }
  /** The client would reconnect by itself, without binding: it would then see an empty directory. */
  function once<T extends Socket>(connect: () => T): T {
    if (opened) throw failures.unavailable('the connection was lost');
    opened = true;
    const created = connect();
    keep(created);
    return created;
  }

  const url = new URL(settings.url);
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const tls = settings.tls === 'none' ? undefined : tlsOptions(settings, host);
  const client = new Client({
    url: `${settings.tls === 'ldaps' ? 'ldaps' : 'ldap'}://${url.host}`,
    timeout: settings.timeout,
    connectTimeout: settings.timeout,
    ...(settings.tls === 'ldaps' && tls ? { tlsOptions: tls } : {}),
    createConnection: ((port: number, name: string) => once(() => connectPlain(port, name))) as typeof connectPlain,
    createSecureConnection: ((...args: readonly unknown[]) => {
      if (args.length > 1) return once(() => connectSecure(Number(args[0]), host, tls ?? {}));
      const upgraded = connectSecure(args[0] as ConnectionOptions);
      keep(upgraded);
      return upgraded;
    }) as typeof connectSecure,
  });

  const destroy = (): void => {
    lost = true;
    socket?.destroy();
  };
  signal.addEventListener('abort', destroy, { once: true });
  try {
    if (settings.tls === 'starttls' && tls) await client.startTLS({ ...tls });
    await client.bind(settings.bindDn, settings.password);
  } catch (error) {
    destroy();
    throw translated(error, failures);
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

function tlsOptions(settings: LdapSettings, host: string): ConnectionOptions {
  return {
    host,
    ...(isIP(host) ? {} : { servername: host }),
    ...(settings.caFile === null ? {} : { ca: readFileSync(settings.caFile) }),
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
  };
}
