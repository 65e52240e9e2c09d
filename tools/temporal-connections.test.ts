import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const root = fileURLToPath(new URL('..', import.meta.url));
const rooms = ['activities', 'apps', 'bench', 'demo', 'libs', 'simulations', 'testing', 'tools', 'workflows'];
/** Opens a connection to the server that it has just started, on this machine. */
const toItsOwnServer = join('tools', 'embedded', 'temporal-ready.ts');

test('whatever opens a connection to Temporal does so with the TLS and the API key of the settings', async () => {
  const openings: string[] = [];
  for (const room of rooms) {
    for (const path of await readdir(join(root, room), { recursive: true })) {
      const file = join(room, path);
      if (!/\.ts$/.test(file) || /\.test\.ts$|node_modules|(^|\/)test(ing)?\/|(^|\/)test-/.test(file) || file === toItsOwnServer) continue;
      const text = await readFile(join(root, file), 'utf8');
      for (const [call] of text.matchAll(/\b(?:Native)?Connection\.(?:connect|lazy|create)\([^)]*\)?/g)) openings.push(`${file}: ${call}`);
      if (/Connection\.(connect|lazy|create)\(/.test(text)) expect([file, text.includes('temporalConnection(')]).toEqual([file, true]);
    }
  }
  // One for the worker, one for tools; the API has none. Another one belongs to one of these, or here with the same options.
  expect(openings.sort()).toEqual([
    'apps/worker/open-temporal.ts: NativeConnection.connect(options)',
    "tools/tenure/connect-temporal.ts: Connection.connect({ ...options, connectTimeout: '10 seconds' })",
  ]);
});
