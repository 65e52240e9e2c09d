import { hash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire, enableCompileCache, registerHooks } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { threadId } from 'node:worker_threads';
import { transpile } from './transpile.js';

// node --import <this>: lets Node run Tenure's TypeScript. The hook runs in the thread that imports, and transpiled and compiled code is kept beside
// the packages, so that a process is up in a third of the time that loaders in a thread of their own take. It is JavaScript, since nothing can load
// it but Node itself. `--enable-source-maps` gives stacks the lines of the sources, for a twelfth more memory.
const fromRoot = createRequire(new URL('../package.json', import.meta.url)); // swc is a dependency of the root package
const cache = fileURLToPath(new URL('../node_modules/.cache/tenure/', import.meta.url));
const version = JSON.stringify([fromRoot('@swc/core/package.json').version, transpile]);

enableCompileCache(join(cache, 'compiled'));
const isKept = makeFolder(join(cache, 'transpiled'));

registerHooks({
  load(url, context, next) {
    if (!url.startsWith('file:') || !/\.ts(\?|$)/.test(url) || url.includes('/node_modules/')) return next(url, context);
    return { format: 'module', source: javaScriptOf(fileURLToPath(url)), shortCircuit: true };
  },
});

/** JavaScript of a file, kept as one text for each; it ends with a digest of its source, so that one which was cut short counts for nothing. */
function javaScriptOf(file) {
  const source = readFileSync(file, 'utf8');
  const end = `\n//${hash('sha256', `${version}\n${file}\n${source}`)}\n`;
  const place = join(cache, 'transpiled', hash('sha256', file));
  const kept = isKept ? read(place) : null;
  if (kept?.endsWith(end)) return kept;
  const { code } = fromRoot('@swc/core').transformSync(source, { ...transpile, filename: file, sourceMaps: 'inline', swcrc: false, configFile: false });
  if (isKept) keep(place, code + end);
  return code;
}

function read(place) {
  try {
    return readFileSync(place, 'utf8');
  } catch {
    return null; // not there yet
  }
}

/** Several processes and threads may keep the same at once: each puts a whole file into place. */
function keep(place, text) {
  try {
    const unfinished = `${place}.${process.pid}.${threadId}`;
    writeFileSync(unfinished, text);
    renameSync(unfinished, place);
  } catch {
    // A full disk or one that may not be written: transpiled again next time.
  }
}

function makeFolder(folder) {
  try {
    mkdirSync(folder, { recursive: true });
    return true;
  } catch {
    return false; // an image whose files are read-only
  }
}
