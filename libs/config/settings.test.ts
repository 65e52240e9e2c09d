import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { configurationOf, loadConfiguration } from './load-configuration.ts';
import { withSecretFiles } from './secret-files.ts';
import { settingsFrom } from './settings.ts';
import { settingsDifferences } from './settings-differences.ts';

let directory: string;
const tenureYaml = `# a comment with a password: hunter2
url: http://localhost:4000
attributes: { displayName: { type: string } }
targets:
  crm: { kind: scim, url: https://crm.example/scim, token: "\${env:CRM_TOKEN}", attributes: { displayName: identity.displayName } }
`;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'tenure-settings-'));
  for (const folder of ['policy', 'secrets']) mkdirSync(join(directory, folder));
  writeFileSync(join(directory, 'tenure.yaml'), tenureYaml);
  writeFileSync(join(directory, 'policy', 'access.yaml'), 'birthright: []\n');
});
afterAll(() => rmSync(directory, { recursive: true }));

describe('settings', () => {
  test('are the same in another order of keys, and others when a list is in another order or a value differs', () => {
    const { digest } = settingsFrom({ a: { b: 1, c: [1, 2] }, d: null });
    expect(settingsFrom({ d: null, a: { c: [1, 2], b: 1 } }).digest).toBe(digest);
    expect(settingsFrom({ a: { b: 1, c: [2, 1] }, d: null }).digest).not.toBe(digest);
    expect(settingsFrom({ a: { b: 1, c: [1, 2] } }).digest).not.toBe(digest);
  });

  test('hold no secret and no comment, and make the same configuration again with the secrets of whoever reads them', async () => {
    const configuration = await loadConfiguration({ directory, environment: { CRM_TOKEN: 'first-token' } });
    const { settings = settingsFrom({}), policy } = configuration;
    expect(JSON.stringify(settings)).not.toMatch(/first-token|hunter2/);
    const stored = { version: 7, settings: JSON.parse(JSON.stringify(settings)) as typeof settings, policy, directory };
    expect(await configurationOf({ ...stored, environment: { CRM_TOKEN: 'first-token' } })).toEqual(configuration);
    expect((await configurationOf({ ...stored, environment: { CRM_TOKEN: 'second-token' } })).targets['crm']).toMatchObject({ token: 'second-token' });
    await expect(configurationOf({ ...stored, environment: {} })).rejects.toThrow(
      'configuration version 7 targets.crm.token: the environment variable CRM_TOKEN is not set',
    );
  });
});

test('secrets of a folder stand for variables that are not set, and are read anew each time', async () => {
  const secrets = join(directory, 'secrets');
  const environment = { TENURE_SECRETS: secrets, CRM_TOKEN: ' ', SET: 'here' };
  const crmOf = async () => (await loadConfiguration({ directory, environment })).targets['crm'];
  await expect(crmOf()).rejects.toThrow('CRM_TOKEN');
  writeFileSync(join(secrets, 'CRM_TOKEN'), 'from-a-file\n');
  writeFileSync(join(secrets, 'SET'), 'from a file');
  // As Kubernetes mounts them.
  mkdirSync(join(secrets, '..2026_data'));
  expect(await crmOf()).toMatchObject({ token: 'from-a-file' });
  expect(await withSecretFiles(environment)).toMatchObject({ SET: 'here', CRM_TOKEN: 'from-a-file\n' });
  await expect(loadConfiguration({ directory, environment: { TENURE_SECRETS: join(directory, 'nowhere') } })).rejects.toThrow(
    /^environment:1:1 TENURE_SECRETS: .*nowhere or a file in it cannot be read \(ENOENT\)/,
  );
});

test('differences name what was added, changed and removed, with the settings that differ and no value', () => {
  const crm = { kind: 'scim', url: 'https://a.example', token: '${env:A}' };
  const before = { url: 'http://a.example', targets: { crm, old: { kind: 'ldap' } }, session: { idle: 'PT1H' } };
  const after = {
    url: 'http://b.example',
    targets: { crm: { ...crm, url: 'https://b.example', title: 'CRM' }, fresh: { kind: 'sql' } },
    session: { idle: 'PT2H' },
    mail: { url: 'smtp://c' },
  };
  expect(settingsDifferences(before, after)).toEqual([
    { kind: 'changed', what: 'url', fields: [] },
    { kind: 'changed', what: 'targets.crm', fields: ['url', 'title'] },
    { kind: 'removed', what: 'targets.old', fields: [] },
    { kind: 'added', what: 'targets.fresh', fields: [] },
    { kind: 'changed', what: 'session', fields: ['idle'] },
    { kind: 'added', what: 'mail', fields: [] },
  ]);
  expect(settingsDifferences(before, before)).toEqual([]);
  expect(settingsDifferences({ targets: null }, { targets: { crm } })).toEqual([{ kind: 'added', what: 'targets.crm', fields: [] }]);
});
