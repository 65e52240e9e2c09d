import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Configuration, loadConfiguration } from '@tenure/config';

const around = `
url: https://tenure.example
timeZone: Europe/Berlin
attributes:
  givenName: { type: string }
  familyName: { type: string }
  email: { type: string }
  employeeNumber: { type: string }
  department: { type: string }
  directoryId: { type: string }
precedence: { default: [] }
`;
const secrets = { ENTRA_SECRET: 'a', OKTA_SECRET: 'b', KEYCLOAK_SECRET: 'c' };

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tenure-documented-'));
  await mkdir(join(directory, 'policy'));
  await writeFile(join(directory, 'policy', 'empty.yaml'), 'lifecycle: []\n');
});
afterAll(() => rm(directory, { recursive: true, force: true }));

async function load(snippet: string): Promise<Configuration> {
  await writeFile(join(directory, 'tenure.yaml'), around + snippet);
  return loadConfiguration({ directory, environment: secrets });
}

test('what docs/providers.md says to write is what tenure.yaml takes, with the addresses that are registered there', async () => {
  const page = await readFile(new URL('../docs/providers.md', import.meta.url), 'utf8');
  const snippets = [...page.matchAll(/```yaml\n(.*?)```/gs)].map(([, snippet = '']) => snippet);
  expect(snippets).toHaveLength(6);
  for (const snippet of snippets) {
    const [provider] = Object.values((await load(snippet)).identityProviders);
    const path = provider?.protocol === 'saml' ? `saml/${provider.name}/acs` : `oidc/${provider?.name}/callback`;
    expect(page).toContain(`\`https://tenure.example/${path}\``);
  }
});
