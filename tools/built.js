// @ts-check
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';
import { isFresh } from './build/sources.js';
import './source-maps.js';

// node --import <this> dist/...: the code that runs is built from the sources as they are. Some hundredths of a second where they have not changed.
const root = fileURLToPath(new URL('..', import.meta.url));

if (isMainThread && !isFresh(root)) {
  const { status } = spawnSync(process.execPath, [fileURLToPath(new URL('build.js', import.meta.url))], { stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) process.exit(status ?? 1);
}
