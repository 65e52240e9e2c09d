import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createBrowser } from '../browser.ts';

let directory: string;
const children: ChildProcess[] = [];
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'people-'));
  await writeFile(join(directory, 'people.json'), JSON.stringify({ people: [{ name: 'ada', attributes: {} }] }));
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await rm(directory, { recursive: true });
});

async function start(program: string, ...options: readonly string[]): Promise<{ readonly child: ChildProcess; readonly url: string }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, program), '--people', join(directory, 'people.json'), ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return { child, url: line.replace(/^ready /, '') };
}

describe('an identity provider as a process of its own', () => {
  test.each([
    ['saml-provider.ts', ['--audience', 'https://tenure.example', '--acs', 'http://127.0.0.1:9/acs'], '/start'],
    [
      'oidc-provider.ts',
      ['--redirect-uri', 'http://127.0.0.1:9/callback'],
      `/auth?client_id=tenure&response_type=code&scope=openid&code_challenge=${'a'.repeat(43)}&code_challenge_method=S256`,
    ],
  ] as const)('%s says when it is ready, lists its people and stops when told', async (program, options, path) => {
    const { child, url } = await start(program, ...options);
    expect(await (await fetch(`${url}/health`)).text()).toBe('ok');
    expect(Object.keys((await createBrowser().open(`${url}${path}`)).links)).toEqual(['ada']);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});
