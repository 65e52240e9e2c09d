// @ts-check
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * The workflows as Temporal's sandbox runs them, and the sources that they were made of, as its source map names them.
 * @param {string} root
 * @returns {Promise<{ code: string, sources: string[] }>}
 * @throws {Error} where the bundler refuses or warns
 */
export async function bundleOfWorkflows(root) {
  /** @type {string[]} */
  const warnings = [];
  // Node takes the types away by itself; there is no built code yet.
  const { bundleWorkflows } = await import(pathToFileURL(join(root, 'apps/worker/bundle-workflows.ts')).href);
  const { code } = await bundleWorkflows((/** @type {string} */ message) => void warnings.push(message));
  if (warnings.length > 0) throw new Error(warnings.join('\n'));
  const map = code.slice(code.lastIndexOf('base64,') + 'base64,'.length);
  /** @type {{ sources: string[] }} */
  const { sources } = JSON.parse(Buffer.from(map, 'base64').toString());
  const own = sources.filter((path) => path.startsWith(root) && !path.includes('/node_modules/'));
  return { code, sources: own.map((path) => relative(root, path)) };
}
