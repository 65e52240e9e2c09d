import { ConfigurationInvalid, type ConfigurationProblem, durationToMilliseconds } from '@tenure/domain';
import type { Environment } from './environment-references.ts';
import { readFileOf, readTemporalTls, type TemporalTls, tlsVariables } from './temporal-tls.ts';

/** Address of Temporal, and credentials of the process. */
export interface TemporalSettings {
  /** `host:port`; `null`: the embedded server. */
  readonly address: string | null;
  readonly namespace: string;
  /** Milliseconds for which closed workflows are kept; `null`: 30 days in a new namespace, and unchanged in an existing one. */
  readonly retention: number | null;
  /** `null`: the connection is not encrypted. */
  readonly tls: TemporalTls | null;
  /** Secret, sent with each call; `null`: none. */
  readonly apiKey: string | null;
}

/** Options of both clients of Temporal's SDK. This is their only source, so that every process and tool connects in the same way. */
export interface TemporalConnection {
  readonly address: string;
  readonly tls: TemporalTls | false;
  readonly apiKey?: string;
}

/** Shortest retention of closed workflows that a server allows, in milliseconds. Tenure itself reads no closed workflow. */
export const shortestRetention = 86_400_000;

const known: readonly string[] = [...tlsVariables, 'TEMPORAL_API_KEY', 'TEMPORAL_API_KEY_FILE'];

/** @throws ConfigurationInvalid with the name of every variable that is wrong or contradicts another one, never a value that may be secret */
export function temporalSettings(environment: Environment): TemporalSettings {
  const problems: ConfigurationProblem[] = [];
  const settings = readTemporalSettings(environment, (field, message) => problems.push({ file: 'environment', line: 1, column: 1, field, message }));
  if (problems.length > 0) throw new ConfigurationInvalid(problems);
  return settings;
}

export function readTemporalSettings(environment: Environment, wrong: (name: string, message: string) => void): TemporalSettings {
  const text = (name: string): string | null => environment[name]?.trim() || null;
  const address = text('TEMPORAL_ADDRESS');
  if (address !== null && !/^[^\s:/]+:\d{1,5}$/.test(address)) wrong('TEMPORAL_ADDRESS', 'must be host:port, such as temporal:7233');
  const secured = Object.keys(environment).filter((name) => /^TEMPORAL_(TLS|API_KEY)/.test(name) && text(name) !== null);
  for (const name of secured) if (!known.includes(name)) wrong(name, `is not a variable of Tenure; there are ${known.join(', ')}`);
  if (address === null && secured.length > 0)
    wrong(secured[0] ?? '', 'is set without TEMPORAL_ADDRESS: it belongs to a server of your own, and the embedded one has neither TLS nor API keys');
  const apiKey = readApiKey(text, wrong);
  const tls = readTemporalTls(text, apiKey !== null, wrong);
  if (apiKey !== null && tls === null && address !== null && !isLoopback(address))
    wrong(
      'TEMPORAL_TLS',
      'is false, so the API key would cross the network for everybody to read: remove TEMPORAL_TLS, or connect through a proxy on this machine',
    );
  return { address, namespace: text('TEMPORAL_NAMESPACE') ?? 'default', retention: readRetentionOf(text('TEMPORAL_RETENTION'), wrong), tls, apiKey };
}

/** @throws Error if `address` is `null`: the address of the embedded server must be filled in before */
export function temporalConnection({ address, tls, apiKey }: Pick<TemporalSettings, 'address' | 'tls' | 'apiKey'>): TemporalConnection {
  if (address === null) throw new Error('TEMPORAL_ADDRESS is not set');
  return { address, tls: tls ?? false, ...(apiKey === null ? {} : { apiKey }) };
}

function readApiKey(text: (name: string) => string | null, wrong: (name: string, message: string) => void): string | null {
  const [given, path] = [text('TEMPORAL_API_KEY'), text('TEMPORAL_API_KEY_FILE')];
  if (given !== null && path !== null) wrong('TEMPORAL_API_KEY', 'and TEMPORAL_API_KEY_FILE are both set: keep one of them');
  const name = given === null ? 'TEMPORAL_API_KEY_FILE' : 'TEMPORAL_API_KEY';
  const content = given ?? readFileOf(name, path, wrong)?.toString('utf8').trim() ?? null;
  // It is sent as a header of each call.
  if (content !== null && !/^[\x21-\x7e]+$/.test(content)) wrong(name, 'must be one line of printable ASCII characters without spaces');
  return content;
}

function readRetentionOf(text: string | null, wrong: (name: string, message: string) => void): number | null {
  if (text === null) return null;
  const milliseconds = durationToMilliseconds(text);
  if (milliseconds === null || milliseconds < shortestRetention)
    wrong('TEMPORAL_RETENTION', 'must be an ISO 8601 duration of at least one day, such as P30D: Temporal keeps closed workflows for no less');
  return milliseconds;
}

function isLoopback(address: string): boolean {
  const host = address.replace(/:\d+$/, '');
  return host === 'localhost' || /^127(\.\d{1,3}){3}$/.test(host);
}
