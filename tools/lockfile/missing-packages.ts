import type { LockedPackage, Lockfile } from './lockfile.ts';
import { platformOf } from './platform-of.ts';

/** An optional dependency that a package names and the lockfile lacks. */
export interface MissingPackage {
  readonly name: string;
  /** Place of the package that depends on it. */
  readonly wantedBy: string;
  /** An exact version: a range would leave the choice to the registry. */
  readonly version: string;
}

/**
 * Finds packages that `npm ci` would miss. `npm install` leaves out optional packages of other platforms, without a message, where the registry does
 * not have them, and `npm ci` then refuses the lockfile everywhere.
 */
export function missingPackages({ packages }: Lockfile): MissingPackage[] {
  return Object.entries(packages).flatMap(([place, { optionalDependencies = {} }]) =>
    Object.entries(optionalDependencies)
      .filter(([name]) => !isLocked(packages, place, name))
      .map(([name, version]) => ({ name, wantedBy: place, version })),
  );
}

/**
 * The lockfile with an entry for each missing package, so that other platforms get theirs where a registry has it.
 * @throws Error when a package is required in no exact version, or its name does not contain its platform
 */
export function completeLockfile(lockfile: Lockfile): Lockfile {
  const added = Object.fromEntries(missingPackages(lockfile).map((missing) => [`node_modules/${missing.name}`, entryOf(missing)]));
  const packages = Object.entries({ ...lockfile.packages, ...added }).sort(([a], [b]) => a.localeCompare(b, 'en'));
  return { ...lockfile, packages: Object.fromEntries(packages) };
}

function entryOf({ name, version, wantedBy }: MissingPackage): LockedPackage {
  const platform = platformOf(name);
  if (!/^\d+\.\d+\.\d+(?:[^\d |][^ |]*)?$/.test(version) || platform === null) {
    throw new Error(`package-lock.json lacks ${name}@${version}, which ${wantedBy} needs, and its version or platform is unknown: add it by hand.`);
  }
  return { version, optional: true, ...platform };
}

// As Node resolves it: beside the package, then further up.
function isLocked(packages: Lockfile['packages'], place: string, name: string): boolean {
  for (let base = place; ; base = base.slice(0, Math.max(0, base.lastIndexOf('/node_modules/')))) {
    if (packages[base === '' ? `node_modules/${name}` : `${base}/node_modules/${name}`]) return true;
    if (base === '') return false;
  }
}
