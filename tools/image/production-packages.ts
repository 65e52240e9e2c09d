import type { Lockfile } from '../lockfile/lockfile.ts';

/**
 * Places of the packages that `npm ci --omit=dev --omit=optional` installs for some workspaces.
 * @param workspaces their folders
 */
export function productionPackages({ packages }: Lockfile, workspaces: readonly string[]): readonly string[] {
  const found = new Set<string>();
  const visit = (place: string): void => {
    const { dependencies = {}, peerDependencies = {}, peerDependenciesMeta = {} } = packages[place] ?? {};
    const peers = Object.keys(peerDependencies).filter((name) => peerDependenciesMeta[name]?.optional !== true);
    for (const name of [...Object.keys(dependencies), ...peers]) {
      const at = resolved(packages, place, name);
      if (at === null || found.has(at)) continue;
      found.add(at);
      visit(packages[at]?.link === true ? (packages[at].resolved ?? '') : at);
    }
  };
  for (const workspace of workspaces) visit(workspace);
  return [...found];
}

// As Node resolves it: beside the package, then further up.
function resolved(packages: Lockfile['packages'], place: string, name: string): string | null {
  for (let base = place; ; base = base.slice(0, Math.max(0, base.lastIndexOf('/node_modules/')))) {
    const at = base === '' ? `node_modules/${name}` : `${base}/node_modules/${name}`;
    if (packages[at]) return at;
    if (base === '') return null;
  }
}
