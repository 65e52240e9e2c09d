// @ts-check
import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { transform } from '@swc/core';
import { transpile } from '../transpile.js';
import { writeWhole } from './write-whole.js';

/**
 * Makes the built form of one source in dist/: JavaScript with its source map for TypeScript, a copy of everything else.
 * @param {string} root
 * @param {string} path of the source
 */
export async function makeFile(root, path) {
  const content = readFileSync(join(root, path));
  const [main, map] = outputsOf(path);
  const place = join(root, 'dist', main);
  if (map === undefined) return writeWhole(place, path.endsWith('/package.json') ? withBuiltExports(content.toString()) : content);
  // Its types do not know of the extensions.
  const options = /** @type {import('@swc/core').Options} */ ({
    ...transpile,
    jsc: { ...transpile.jsc, rewriteRelativeImportExtensions: true },
    filename: join(root, path),
    sourceMaps: true,
    inlineSourcesContent: false,
    swcrc: false,
    configFile: false,
  });
  const made = await transform(content.toString(), options);
  const name = /** @type {string} */ (map.split('/').at(-1));
  const sourceMap = { ...JSON.parse(made.map ?? '{}'), sources: [relative(dirname(place), join(root, path))] };
  writeWhole(join(root, 'dist', map), JSON.stringify(sourceMap));
  writeWhole(place, `${made.code}//# sourceMappingURL=${name}\n`);
}

/**
 * Files of dist/ that are made from a source.
 * @param {string} path
 * @returns {[string, string?]}
 */
export function outputsOf(path) {
  const isTypeScript = path.endsWith('.ts') && !path.endsWith('.d.ts');
  const main = isTypeScript ? path.replace(/\.ts$/, '.js') : path;
  return isTypeScript ? [main, `${main}.map`] : [main];
}

/**
 * package.json whose export names stay and whose paths are those of JavaScript.
 * @param {string} content of package.json
 */
function withBuiltExports(content) {
  /** @type {{ exports?: Record<string, string> }} */
  const given = JSON.parse(content);
  if (given.exports === undefined) return content;
  const exports = Object.fromEntries(Object.entries(given.exports).map(([name, file]) => [name, file.replace(/\.ts$/, '.js')]));
  return JSON.stringify({ ...given, exports }, null, 2);
}
