import type { LockedPackage, Lockfile } from './lockfile.ts';

/**
 * Places of packages that state on which Node they run. npm compares that with the machine's Node at each install and warns, although nothing of
 * Tenure runs on that one: npm scripts use the Node of `optionalDependencies`, which `npm run check` compares.
 */
export function placesWithEngines({ packages }: Lockfile): string[] {
  return Object.entries(packages)
    .filter(([place, locked]) => isInstalled(place) && locked['engines'] !== undefined)
    .map(([place]) => place);
}

/** The lockfile without them. */
export function withoutEngines(lockfile: Lockfile): Lockfile {
  const packages = Object.entries(lockfile.packages).map(([place, locked]) => [place, isInstalled(place) ? without(locked) : locked] as const);
  return { ...lockfile, packages: Object.fromEntries(packages) };
}

function without({ engines: _, ...rest }: LockedPackage): LockedPackage {
  return rest;
}

/** True for a package from a registry, and not Tenure's own. */
function isInstalled(place: string): boolean {
  return place.includes('node_modules/');
}
