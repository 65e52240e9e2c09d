import { isAbsolute, resolve } from 'node:path';
import { ConfigurationInvalid, type ConfigurationProblem } from '@tenure/domain';
import { checkAddress } from './check-address.ts';
import type { Environment } from './environment-references.ts';
import { readTemporalSettings, type TemporalSettings } from './temporal-settings.ts';

/** Settings of a process from its environment variables. */
export interface ProcessSettings {
  /** Connection URL of PostgreSQL; `null`: the embedded database. */
  readonly databaseUrl: string | null;
  readonly temporal: TemporalSettings;
  /** Port of the API. */
  readonly port: number;
  /** Addresses of metrics and of the worker's probes. They need no login. */
  readonly metrics: {
    /** Loopback by default. */
    readonly host: string;
    /** Port of the API's metrics; `null`: they are not served. */
    readonly apiPort: number | null;
    /** Port of the worker's metrics; `null`: 9464, or any free port if that is taken. */
    readonly workerPort: number | null;
  };
  /** Base address of an OTLP receiver; `null`: nothing is traced. */
  readonly tracesEndpoint: string | null;
  /** Folder of tenure.yaml, absolute. */
  readonly configurationDirectory: string;
  /** 32 bytes that wrap every other key. */
  readonly masterKey: Uint8Array;
  /** 32 bytes for the hash chain of the audit. */
  readonly auditKey: Uint8Array;
  /** File, absolute, to which anchors of the audit are appended; `null`: none. */
  readonly auditAnchors: string | null;
}

/** Bytes. */
const KEY_LENGTH = 32;

/**
 * Reads the environment of a process.
 * @throws ConfigurationInvalid with the name of every variable that is missing or wrong, never its value
 */
export function processSettings(environment: Environment): ProcessSettings {
  const problems: ConfigurationProblem[] = [];
  const wrong = (name: string, message: string): void => {
    problems.push({ file: 'environment', line: 1, column: 1, field: name, message });
  };
  const text = (name: string): string | null => environment[name]?.trim() || null;
  const directory = text('TENURE_CONFIG') ?? 'configuration';
  const anchors = text('TENURE_AUDIT_ANCHORS');
  const settings: ProcessSettings = {
    databaseUrl: readDatabaseUrl(text('DATABASE_URL'), wrong),
    temporal: readTemporalSettings(environment, wrong),
    port: readPort('PORT', text('PORT') ?? '4000', wrong),
    metrics: {
      host: text('METRICS_HOST') ?? '127.0.0.1',
      apiPort: readOptionalPort('API_METRICS_PORT', text('API_METRICS_PORT'), wrong),
      workerPort: readOptionalPort('METRICS_PORT', text('METRICS_PORT'), wrong),
    },
    tracesEndpoint: readEndpoint(text('OTEL_EXPORTER_OTLP_ENDPOINT'), wrong),
    configurationDirectory: isAbsolute(directory) ? directory : resolve(directory),
    masterKey: readKey('TENURE_MASTER_KEY', text('TENURE_MASTER_KEY'), wrong),
    auditKey: readKey('TENURE_AUDIT_KEY', text('TENURE_AUDIT_KEY'), wrong),
    auditAnchors: anchors === null ? null : resolve(anchors),
  };
  if (problems.length > 0) throw new ConfigurationInvalid(problems);
  return settings;
}

type Wrong = (name: string, message: string) => void;

function readDatabaseUrl(text: string | null, wrong: Wrong): string | null {
  const [problem] = text === null ? [] : checkAddress([], text, { protocols: ['postgres:', 'postgresql:'] });
  if (problem !== undefined) wrong('DATABASE_URL', `${problem.message}; it is an address like postgresql://user:password@host:5432/tenure`);
  return text;
}

function readPort(name: string, text: string, wrong: Wrong): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) wrong(name, 'must be a port number, 0 to 65535');
  return port;
}

function readOptionalPort(name: string, text: string | null, wrong: Wrong): number | null {
  return text === null ? null : readPort(name, text, wrong);
}

function readEndpoint(text: string | null, wrong: Wrong): string | null {
  const url = text === null ? null : URL.parse(text);
  if (text !== null && (url === null || !['http:', 'https:'].includes(url.protocol)))
    wrong('OTEL_EXPORTER_OTLP_ENDPOINT', 'must be the address of an OTLP receiver, such as http://collector:4318');
  return text;
}

function readKey(name: string, text: string | null, wrong: Wrong): Uint8Array {
  const advice = `; make one with: openssl rand -base64 ${KEY_LENGTH}`;
  if (text === null) wrong(name, `is not set${advice}`);
  const bytes = text !== null && /^[A-Za-z0-9+/_-]+={0,2}$/.test(text) ? Buffer.from(text, 'base64') : Buffer.alloc(0);
  if (text !== null && bytes.length !== KEY_LENGTH) wrong(name, `must be ${KEY_LENGTH} bytes in base64${advice}`);
  return new Uint8Array(bytes);
}
