// @ts-check
import { hash } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { bundleOfWorkflows } from './bundle-of-workflows.js';
import { linkWorkspaces } from './link-workspaces.js';
import { makeFile, outputsOf } from './make-file.js';
import { readManifest, sources, workspaces } from './sources.js';
import { writeWhole } from './write-whole.js';

/** These change every file: how a build is made, and the packages, the transpiler among them. */
const changesAll = /^(tools\/build\/|tools\/transpile\.js$|node_modules\/)/;
/** Pattern of files that change the result of a workflow's imports. */
const changesImports = /(^|\/)package\.json$/;

/**
 * Makes dist/, where the workspaces have the same folders as here: TypeScript is transpiled, other files are copied, and the workflows are bundled,
 * so that Node runs it without a loader. Unchanged files stay.
 * @param {string} root folder of package.json
 * @returns {Promise<{ files: number, bundled: boolean }>} what was made
 */
export async function build(root) {
  const dist = join(root, 'dist');
  const before = readManifest(root);
  const stats = sources(root);
  /** @type {Record<string, string>} */
  const digests = {};
  for (const path of Object.keys(stats)) {
    const known = before?.stats[path] === stats[path] ? before?.digests[path] : undefined;
    digests[path] = known ?? hash('sha256', readFileSync(join(root, path)));
  }
  const paths = new Set([...Object.keys(stats), ...Object.keys(before?.stats ?? {})]);
  const changed = new Set([...paths].filter((path) => before?.digests[path] !== digests[path]));
  const all = before === null || [...changed].some((path) => changesAll.test(path));
  const bundling = all || [...changed].some((path) => changesImports.test(path) || before.bundled.includes(path));

  // Whatever ends this before its end: who comes next finds no manifest, and makes all of it.
  rmSync(all ? dist : join(dist, 'manifest.json'), { recursive: true, force: true });
  const folders = workspaces(root);
  linkWorkspaces(root, folders);
  for (const path of changed) if (!(path in stats)) for (const made of outputsOf(path)) if (made) rmSync(join(dist, made), { force: true });
  const making = Object.keys(stats).filter((path) => (all || changed.has(path)) && folders.some((folder) => path.startsWith(`${folder}/`)));
  const [bundle] = await Promise.all([bundling ? bundleOfWorkflows(root) : null, ...making.map((path) => makeFile(root, path))]);
  if (bundle !== null) writeWhole(join(dist, 'workflows/bundle.js'), bundle.code);
  writeWhole(join(dist, 'manifest.json'), JSON.stringify({ stats, digests, bundled: bundle?.sources ?? before?.bundled }));
  return { files: making.length, bundled: bundling };
}
