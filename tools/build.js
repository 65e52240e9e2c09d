// @ts-check
import { fileURLToPath } from 'node:url';
import { build } from './build/build.js';
import { whileLocked } from './build/while-locked.js';
import { isFresh } from './build/sources.js';

// npm run build. Also run by whatever runs built code, where that is not of the sources as they are.
const root = fileURLToPath(new URL('..', import.meta.url));
const begun = performance.now();
await whileLocked(root, async () => {
  if (isFresh(root)) return;
  const { files, bundled } = await build(root);
  // For people. Output of a process there otherwise counts as its complaints.
  if (process.stderr.isTTY && (files > 0 || bundled))
    process.stderr.write(`Built ${files} files${bundled ? ' and the workflow bundle' : ''} in ${((performance.now() - begun) / 1000).toFixed(1)} s.\n`);
});
