import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { makeCertificates } from '../connectors/test-certificates.ts';
import { temporalConnection, temporalSettings } from './temporal-settings.ts';

let folder: string;
const file = (name: string): string => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tenure-temporal-'));
  makeCertificates(folder);
  await writeFile(file('api-key'), 'key-of-the-file\n');
  await writeFile(file('two-lines'), 'key\nx-other: header\n');
});
afterAll(() => rm(folder, { recursive: true }));

const cloud = { TEMPORAL_ADDRESS: 'eu-west-1.aws.api.temporal.io:7233', TEMPORAL_NAMESPACE: 'tenure.a1b2c' };
const open = (environment: Record<string, string>) => temporalConnection(temporalSettings(environment));

test('without TLS and API key a connection is as it was', () => {
  expect(open({ TEMPORAL_ADDRESS: 'temporal:7233', TEMPORAL_API_KEY: '', TEMPORAL_TLS: ' ' })).toEqual({ address: 'temporal:7233', tls: false });
});

test('an API key means TLS, and comes from the environment or from a file', () => {
  expect(open({ ...cloud, TEMPORAL_API_KEY: 'key' })).toEqual({ address: cloud.TEMPORAL_ADDRESS, tls: {}, apiKey: 'key' });
  expect(open({ ...cloud, TEMPORAL_API_KEY_FILE: file('api-key') })).toMatchObject({ tls: {}, apiKey: 'key-of-the-file' });
});

test('a client certificate, the server’s authority and its name are handed to the client', async () => {
  const settings = {
    TEMPORAL_ADDRESS: '10.0.0.7:7233',
    TEMPORAL_TLS_SERVER_CA_CERT_PATH: file('ca.pem'),
    TEMPORAL_TLS_CLIENT_CERT_PATH: file('server.pem'),
    TEMPORAL_TLS_CLIENT_KEY_PATH: file('server.key'),
    TEMPORAL_TLS_SERVER_NAME: 'temporal.example',
  };
  expect(open(settings).tls).toEqual({
    serverNameOverride: 'temporal.example',
    serverRootCACertificate: await readFile(file('ca.pem')),
    clientCertPair: { crt: await readFile(file('server.pem')), key: await readFile(file('server.key')) },
  });
});

test('an API key without TLS stays on this machine', () => {
  const key = { TEMPORAL_API_KEY: 'secret-key', TEMPORAL_TLS: 'false' };
  expect(open({ ...key, TEMPORAL_ADDRESS: '127.0.0.1:7233' })).toEqual({ address: '127.0.0.1:7233', tls: false, apiKey: 'secret-key' });
  expect(() => open({ ...key, ...cloud })).toThrow(/TEMPORAL_TLS: is false, so the API key would cross the network/);
});

test.each([
  ['a key alone', { TEMPORAL_TLS_CLIENT_KEY_PATH: 'server.key' }, /TEMPORAL_TLS_CLIENT_CERT_PATH: and TEMPORAL_TLS_CLIENT_KEY_PATH belong together/],
  ['a certificate alone', { TEMPORAL_TLS_CLIENT_CERT_PATH: 'server.pem' }, /belong together/],
  [
    'another’s key',
    { TEMPORAL_TLS_CLIENT_CERT_PATH: 'server.pem', TEMPORAL_TLS_CLIENT_KEY_PATH: 'ca.key' },
    /TEMPORAL_TLS_CLIENT_KEY_PATH: .* does not belong to the certificate/,
  ],
  [
    'a certificate for a key',
    { TEMPORAL_TLS_CLIENT_CERT_PATH: 'server.pem', TEMPORAL_TLS_CLIENT_KEY_PATH: 'ca.pem' },
    /TEMPORAL_TLS_CLIENT_KEY_PATH: .* contains no private key/,
  ],
  ['a key for a certificate', { TEMPORAL_TLS_SERVER_CA_CERT_PATH: 'ca.key' }, /TEMPORAL_TLS_SERVER_CA_CERT_PATH: .* no certificate in PEM/],
  ['a file that is not there', { TEMPORAL_TLS_SERVER_CA_CERT_PATH: 'none.pem' }, /TEMPORAL_TLS_SERVER_CA_CERT_PATH: .* cannot be read \(ENOENT\)/],
  ['a folder', { TEMPORAL_API_KEY_FILE: '.' }, /TEMPORAL_API_KEY_FILE: .* cannot be read \(EISDIR\)/],
  ['two API keys', { TEMPORAL_API_KEY: 'secret-key', TEMPORAL_API_KEY_FILE: 'api-key' }, /TEMPORAL_API_KEY: and TEMPORAL_API_KEY_FILE are both set/],
  ['a header in the API key', { TEMPORAL_API_KEY_FILE: 'two-lines' }, /TEMPORAL_API_KEY_FILE: must be one line/],
  ['TLS that is off and on', { TEMPORAL_TLS: 'false', TEMPORAL_TLS_SERVER_NAME: 'x' }, /TEMPORAL_TLS: is false, although TEMPORAL_TLS_SERVER_NAME is set/],
  ['a folder for TLS', { TEMPORAL_TLS: '/etc/tls' }, /TEMPORAL_TLS: must be true or false/],
  ['a misspelt variable', { TEMPORAL_TLS_CA: 'ca.pem' }, /TEMPORAL_TLS_CA: is not a variable of Tenure; there are TEMPORAL_TLS, /],
  ['a retention that no server has', { TEMPORAL_RETENTION: 'PT12H' }, /TEMPORAL_RETENTION: must be an ISO 8601 duration of at least one day/],
  ['a retention without a length', { TEMPORAL_RETENTION: 'P1M' }, /TEMPORAL_RETENTION: must be/],
])('%s is refused, naming the variable and no secret', (_name, variables, message) => {
  const environment = Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [name, /_(PATH|FILE)$|_CA$/.test(name) ? file(value) : value] as const),
  );
  const ask = () => open({ ...cloud, ...environment });
  expect(ask).toThrow(message);
  expect(ask).not.toThrow(/secret-key|x-other|PRIVATE/);
});

test('TLS without an address is refused: the embedded server has none', () => {
  expect(() => temporalSettings({ TEMPORAL_TLS: 'true' })).toThrow(/TEMPORAL_TLS: is set without TEMPORAL_ADDRESS/);
});
