// @ts-check
import { globSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Inputs of a build beside the files of the workspaces: its scripts, and the installed packages. */
const others = ['package.json', 'node_modules/.package-lock.json'];
/** Recorded runs of workflows, and Go sources: built code reads neither. */
const left = new Set(['workflows/histories', 'tools/temporal-server']);

/**
 * @typedef {object} Manifest what dist/ was made from
 * @property {Record<string, string>} stats of each source: size and times
 * @property {Record<string, string>} digests of each source
 * @property {string[]} bundled sources of the workflow bundle
 */

/**
 * All files that a build is made from, each with its size and times (the second of which cannot be set back).
 * @param {string} root folder of package.json
 * @returns {Record<string, string>} by path from there
 */
export function sources(root) {
  /** @type {Record<string, string>} */
  const found = {};
  const add = (/** @type {string} */ path) => {
    const { size, mtimeMs, ctimeMs } = statSync(join(root, path));
    found[path] = `${size} ${mtimeMs} ${ctimeMs}`;
  };
  const walk = (/** @type {string} */ folder) => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        if (entry.name !== 'node_modules' && !left.has(path)) walk(path);
      } else if (!entry.name.endsWith('.test.ts')) add(path);
    }
  };
  for (const folder of workspaces(root)) walk(folder);
  for (const path of others) add(path);
  return found;
}

/**
 * Folders of the workspaces that package.json names.
 * @param {string} root
 * @returns {string[]}
 */
export function workspaces(root) {
  /** @type {{ workspaces: string[] }} */
  const { workspaces: named } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const files = named.map((pattern) => `${pattern}/package.json`);
  return globSync(files, { cwd: root }).map(dirname).sort();
}

/**
 * @param {string} root
 * @returns {Manifest | null} null where nothing was built, or not to its end
 */
export function readManifest(root) {
  try {
    return JSON.parse(readFileSync(join(root, 'dist/manifest.json'), 'utf8'));
  } catch {
    return null;
  }
}

/**
 * True if dist/ was made from the sources as they are now.
 * @param {string} root
 */
export function isFresh(root) {
  const made = readManifest(root);
  return made !== null && JSON.stringify(made.stats) === JSON.stringify(sources(root));
}
