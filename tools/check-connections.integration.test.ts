import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startScimServer } from '@tenure/testing/targets/scim-server.ts';
import type { RunningTarget } from '@tenure/testing/targets/target-state.ts';

let directory: string;
let scim: RunningTarget;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'check-connections-'));
  await mkdir(join(directory, 'policy'));
  await writeFile(join(directory, 'policy/access.yaml'), 'lifecycle: []\n');
  scim = await startScimServer({ port: 0, token: 'good-token', groups: ['Finance'] });
});
afterAll(async () => {
  await scim.stop();
  await rm(directory, { recursive: true });
});

interface Ended {
  readonly code: number;
  readonly said: string;
  readonly complained: string;
}
/** Checks as `npm run check-connections` does, with no part of Tenure running. */
async function check(tenureYaml: string, environment: NodeJS.ProcessEnv): Promise<Ended> {
  await writeFile(join(directory, 'tenure.yaml'), tenureYaml);
  const program = fileURLToPath(new URL('check-connections.ts', import.meta.url));
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--import', new URL('./load-typescript.js', import.meta.url).href, program, '--config', directory],
      { env: { PATH: process.env['PATH'], ...environment } },
      (error, said, complained) => resolve({ code: Number(error?.code ?? 0), said, complained }),
    );
  });
}
const head = 'url: http://localhost:4000\nattributes: { displayName: { type: string } }\n';
const crm = (url: string): string =>
  `targets:\n  crm: { kind: scim, url: "${url}", token: "\${env:CRM_TOKEN}", attributes: { displayName: identity.displayName } }\n`;

test('everything works: a table, and exit code 0', async () => {
  const ended = await check(head + crm(scim.url), { CRM_TOKEN: 'good-token' });
  expect(ended).toMatchObject({ code: 0, complained: '' });
  expect(ended.said).toMatch(/^ +reached +certificate +answers +credentials +rights\ncrm +target +ok +- +ok +ok +ok\n/);
  expect(ended.said).toMatch(/All 1 work\.\n$/);
});

test('what does not work is named with what to do, without secrets, and ends with 1', async () => {
  const providers = 'identityProviders: { contoso: { protocol: saml, metadata: missing.xml } }\n';
  const ended = await check(head + crm(scim.url) + providers, { CRM_TOKEN: 'wrong-token' });
  expect(ended.code).toBe(1);
  expect(ended.said).toMatch(/^crm +target +ok +- +- +FAILED +-\n/m);
  expect(ended.said).toContain('credentials: crm: it does not accept the token (HTTP 401): give targets.crm.token one that is valid [HTTP_401]');
  expect(ended.said).toContain('identityProviders.contoso.metadata cannot be read (ENOENT)');
  expect(ended.said).toMatch(/2 of 2 do not work\.\n$/);
  expect(ended.said + ended.complained).not.toMatch(/wrong-token/);
});

test('a configuration that cannot work is not tried', async () => {
  expect(await check(head + crm('http://crm.example/scim'), { CRM_TOKEN: 'x' })).toMatchObject({
    code: 2,
    said: '',
    complained: expect.stringContaining('tenure.yaml:4:27 targets.crm.url: would send credentials'),
  });
});
