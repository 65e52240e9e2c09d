import type { SourceFile } from './source-files.ts';

/** Chains of files in which each imports the next and the last the first: one for each knot of files that lead back to themselves. */
export function findCycles(files: readonly SourceFile[]): readonly (readonly string[])[] {
  const next = new Map(files.map(({ path, imports }) => [path, imports.flatMap((one) => one.path ?? [])]));
  const done = new Set<string>();
  const cycles: (readonly string[])[] = [];
  const follow = (path: string, way: readonly string[]): void => {
    const from = way.indexOf(path);
    if (from >= 0) return void cycles.push(way.slice(from));
    if (done.has(path)) return;
    for (const to of next.get(path) ?? []) follow(to, [...way, path]);
    done.add(path);
  };
  for (const path of next.keys()) follow(path, []);
  return cycles;
}
