import type { Lockfile } from './lockfile.ts';

/** A package whose content npm would take as it comes. */
export interface UnprovedPackage {
  readonly place: string;
  readonly name: string;
  readonly version: string;
}

/** Packages from a registry for which the lockfile has no digest: `npm ci` on their platform would install whatever it is given. */
export function packagesWithoutIntegrity({ packages }: Lockfile): UnprovedPackage[] {
  return Object.entries(packages)
    .filter(([place, locked]) => place.includes('node_modules/') && locked['link'] !== true && locked['integrity'] === undefined)
    .map(([place, { version = '' }]) => ({ place, name: place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length), version }));
}

/**
 * The lockfile with digests for these places.
 * @param digests by place, as the registry states them (`sha512-…`)
 * @throws Error for one that is no SHA-512
 */
export function withIntegrity(lockfile: Lockfile, digests: ReadonlyMap<string, string>): Lockfile {
  const packages = Object.entries(lockfile.packages).map(([place, locked]) => {
    const integrity = digests.get(place);
    if (integrity === undefined) return [place, locked] as const;
    if (!/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity)) throw new Error(`The registry states no SHA-512 of ${place}: "${integrity.slice(0, 100)}".`);
    const { version, ...rest } = locked;
    return [place, { version, integrity, ...rest }] as const;
  });
  return { ...lockfile, packages: Object.fromEntries(packages) };
}
