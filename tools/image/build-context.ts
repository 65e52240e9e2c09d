import { readdirSync } from 'node:fs';
import { join, matchesGlob } from 'node:path';

/** Files that Docker is given: all below the folder that .dockerignore does not exclude, whose last matching line counts. */
export function buildContext(root: string, ignore: string): readonly string[] {
  const lines = ignore.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const rules = lines.map((line) => ({ isKept: line.startsWith('!'), pattern: line.replace(/^!/, '') }));
  const isIgnored = (path: string): boolean => {
    const parents = path.split('/').map((_, index, parts) => parts.slice(0, index + 1).join('/'));
    const last = rules.findLast(({ pattern }) => parents.some((parent) => matchesGlob(parent, pattern)));
    return last !== undefined && !last.isKept;
  };
  const walk = (folder: string): string[] =>
    readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      // Nothing in these is ever kept, and they are large.
      if (entry.isDirectory()) return ['node_modules', 'dist', '.git', '.tenure'].includes(entry.name) && isIgnored(path) ? [] : walk(path);
      return isIgnored(path) ? [] : [path];
    });
  return walk('');
}
