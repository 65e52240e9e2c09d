// @ts-check
import { mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/**
 * Built code finds the workspaces by their names among its own, as npm links those of the sources; all other packages lie in node_modules above.
 * @param {string} root
 * @param {readonly string[]} folders of the workspaces
 */
export function linkWorkspaces(root, folders) {
  const modules = join(root, 'dist/node_modules');
  rmSync(modules, { recursive: true, force: true });
  for (const folder of folders) {
    const { name } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
    const link = join(modules, name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(relative(dirname(link), join(root, 'dist', folder)), link);
  }
}
