import { expect, test } from '@jest/globals';
import { processSettings } from './process-settings.ts';

const key = Buffer.alloc(32, 7).toString('base64');
const keys = { TENURE_MASTER_KEY: key, TENURE_AUDIT_KEY: key };

test('with keys alone, the embedded parts are used', () => {
  expect(processSettings({ ...keys, TENURE_CONFIG: '/etc/tenure' })).toEqual({
    auditAnchors: null,
    databaseUrl: null,
    temporal: { address: null, namespace: 'default', retention: null, tls: null, apiKey: null },
    port: 4000,
    metrics: { host: '127.0.0.1', apiPort: null, workerPort: null },
    tracesEndpoint: null,
    configurationDirectory: '/etc/tenure',
    masterKey: new Uint8Array(32).fill(7),
    auditKey: new Uint8Array(32).fill(7),
  });
});

test('names every variable that is wrong, and shows no value', () => {
  const ask = () =>
    processSettings({
      DATABASE_URL: 'mysql://secret',
      TEMPORAL_ADDRESS: 'temporal',
      PORT: 'http',
      METRICS_PORT: '-1',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318',
      TENURE_MASTER_KEY: 'c2hvcnQ=',
    });
  expect(ask).toThrow(
    /DATABASE_URL: must be .*\n.*TEMPORAL_ADDRESS: must be host:port.*\n.*PORT: must be a port.*\n.*METRICS_PORT: must be a port.*\n.*OTEL_EXPORTER_OTLP_ENDPOINT: must be the address.*\n.*TENURE_MASTER_KEY: must be 32 bytes.*\n.*TENURE_AUDIT_KEY: is not set; make one with: openssl rand -base64 32/,
  );
  expect(ask).not.toThrow(/secret|c2hvcnQ/);
});
