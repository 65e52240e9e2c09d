import { generateKeyPairSync } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Configuration, loadConfiguration } from '@tenure/config';
import { createConnector } from '@tenure/connectors';
import { LOGIN_REFUSALS } from '@tenure/domain';

const around = `
url: https://tenure.example
timeZone: Europe/Berlin
attributes:
  displayName: { type: string }
  givenName: { type: string }
  familyName: { type: string }
  email: { type: string }
  personId: { type: string }
  employeeNumber: { type: string }
  department: { type: string }
  directoryId: { type: string }
precedence: { default: [] }
`;
const secrets = {
  ENTRA_SECRET: 'a',
  OKTA_SECRET: 'b',
  KEYCLOAK_SECRET: 'c',
  FABRIKAM_SECRET: 'd',
  CONTOSO_DECRYPTION_KEY: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  CRM_TOKEN: 'e',
  DIRECTORY_PASSWORD: 'f',
  LEDGER_PASSWORD: 'g',
};

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tenure-documented-'));
  await mkdir(join(directory, 'policy'));
  await writeFile(join(directory, 'policy', 'empty.yaml'), 'lifecycle: []\n');
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const pageOf = (name: string): Promise<string> => readFile(new URL(`../docs/${name}.md`, import.meta.url), 'utf8');
const snippetsOf = (page: string): readonly string[] => [...page.matchAll(/```yaml\n(.*?)```/gs)].map(([, snippet = '']) => snippet);

async function load(snippet: string): Promise<Configuration> {
  await writeFile(join(directory, 'tenure.yaml'), around + snippet);
  return loadConfiguration({ directory, environment: secrets });
}

test('what docs/providers.md says to write is what tenure.yaml takes, with the addresses that are registered there', async () => {
  const page = await pageOf('providers');
  const snippets = snippetsOf(page);
  expect(snippets).toHaveLength(6);
  for (const snippet of snippets) {
    const [provider] = Object.values((await load(snippet)).identityProviders);
    const path = provider?.protocol === 'saml' ? `saml/${provider.name}/acs` : `oidc/${provider?.name}/callback`;
    expect(page).toContain(`\`https://tenure.example/${path}\``);
  }
});

test('so is what docs/federation.md and docs/connectors.md say, and a connector can be made of each target', async () => {
  const providers = snippetsOf(await pageOf('federation')).filter((snippet) => snippet.startsWith('identityProviders:'));
  for (const snippet of providers) expect(Object.keys((await load(snippet)).identityProviders)).toHaveLength(1);
  const targets = snippetsOf(await pageOf('connectors'));
  expect([providers.length, targets.length]).toEqual([2, 3]);
  for (const snippet of targets) {
    const [target] = Object.values((await load(snippet)).targets);
    if (target === undefined) throw new Error('there is no target in it');
    await createConnector(target).close();
  }
});

test('the small configuration of README.md is a whole one, once its attributes are there', async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  const [, small = ''] = /## A small configuration\n(.*?)\n## /s.exec(readme) ?? [];
  const [tenure = '', access = ''] = snippetsOf(small);
  const own = await mkdtemp(join(directory, 'readme-'));
  await mkdir(join(own, 'policy'));
  const attributes = around
    .slice(around.indexOf('attributes:'), around.indexOf('precedence:'))
    .replace('attributes:\n', 'attributes:\n  endDate: { type: instant }\n');
  await writeFile(join(own, 'tenure.yaml'), `${attributes}${tenure}`);
  await writeFile(join(own, 'policy', 'access.yaml'), access);
  const { targets, sources, policy } = await loadConfiguration({ directory: own, environment: secrets });
  expect([Object.keys(targets), Object.keys(sources), policy.birthright?.length]).toEqual([['crm'], ['hr'], 1]);
  // And its error message for a mistake is the actual one.
  await writeFile(join(own, 'policy', 'access.yaml'), access.replace('identity.department', 'identity.departmnt'));
  const said = await loadConfiguration({ directory: own, environment: secrets }).catch((error: Error) => error.message);
  expect(readme).toContain(String(said));
});

test('every reason for which a login can be refused is a row of docs/federation.md, and no other is', async () => {
  const [, table = ''] = /## When somebody is refused\n(.*)$/s.exec(await pageOf('federation')) ?? [];
  const rows = [...table.matchAll(/^\| (`.*?) \|/gm)].flatMap(([, reasons = '']) => [...reasons.matchAll(/`([a-z-]+)`/g)].map(([, reason]) => reason));
  expect(rows.toSorted()).toEqual([...LOGIN_REFUSALS].toSorted());
});

interface Setting {
  readonly description?: string;
}
interface Kind {
  readonly properties: Readonly<Record<string, Setting>>;
}
const settingsOf = async (of: 'identityProviders' | 'targets'): Promise<readonly (readonly [string, Setting])[]> => {
  const schema = JSON.parse(await readFile(new URL('../docs/schema/tenure.schema.json', import.meta.url), 'utf8')) as {
    properties: Readonly<Record<string, { additionalProperties: { oneOf: readonly Kind[] } }>>;
  };
  const kinds = schema.properties[of]?.additionalProperties.oneOf ?? [];
  expect(kinds.length).toBeGreaterThan(1);
  return kinds.flatMap(({ properties }) => Object.entries(properties));
};

test('every setting of a provider stands in docs/federation.md', async () => {
  const page = await pageOf('federation');
  for (const [name] of await settingsOf('identityProviders')) expect([name, new RegExp(`\\b${name}\\b`).test(page)]).toEqual([name, true]);
});

test('every setting of a target stands in docs/connectors.md with its default, and its tables name no other', async () => {
  const page = await pageOf('connectors');
  const settings = await settingsOf('targets');
  for (const [name, { description = '' }] of settings) {
    expect([name, page.includes(`\`${name}\``)]).toEqual([name, true]);
    const [, otherwise] = /default: ([\w-]+)/.exec(description) ?? [];
    if (otherwise !== undefined && name !== 'caFile')
      expect([name, new RegExp(`\`${name}\`[^\\n]*\\(default: \`?${otherwise}\\b`).test(page)]).toEqual([name, true]);
  }
  const named = [...page.matchAll(/^\| setting \|.*\n\|[ -|]*\n((?:\|.*\n)+)/gm)].flatMap(([, rows = '']) =>
    rows.split('\n').flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`(\w+)`/g)].map(([, name]) => name)),
  );
  expect(named.length).toBeGreaterThan(14);
  expect(named.filter((name) => !settings.some(([known]) => known === name))).toEqual([]);
});
