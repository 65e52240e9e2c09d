import { findCycles } from './find-cycles.ts';
import type { Room } from './rooms.ts';
import type { Import, SourceFile, Workspace } from './source-files.ts';

/** Problems of the imports of a house, one text each: the place, the broken rule, its reason, and what to do instead. Tests may import every room. */
export function importProblems(files: readonly SourceFile[], workspaces: readonly Workspace[], rooms: Readonly<Record<string, Room>>): readonly string[] {
  const roomOf = (path: string): string | null => workspaces.find(({ folder }) => path.startsWith(`${folder}/`))?.room ?? null;
  const problems = files.flatMap((file) => {
    const name = roomOf(file.path);
    if (name === null || isOfTests(file.path)) return [];
    const room = Object.hasOwn(rooms, name) ? rooms[name] : undefined;
    return file.imports.flatMap((one) => {
      const problem = room === undefined ? unknownRoom(name, one) : problemOf(one, name, room, roomOf);
      return problem === null ? [] : [`${file.path}:${one.line}: ${problem}`];
    });
  });
  const cycles = findCycles(files).map(
    ([first = '', ...others]) =>
      `${first}: rule no-cycles: ${[first, ...others, first].join(' → ')}. Files that lead back to themselves cannot be read or tested apart. ` +
      'Move what they say to each other, mostly a type, to a file that imports neither.',
  );
  return [...problems, ...cycles];
}

/** True for files that are no part of a process: tests and files that only they use. */
export function isOfTests(path: string): boolean {
  return /\.test\.ts$|\/tests?\/|\/testing\/|\/testing\.ts$|\/test-[\w-]+\.ts$|\/jest-global-[\w-]+\.ts$|^libs\/connectors\/(contract|flaky-link)\.ts$/.test(
    path,
  );
}

function unknownRoom(name: string, { specifier }: Import): string | null {
  if (!specifier.startsWith('@tenure/')) return null;
  return `rule new-room: ${name} imports ${specifier}, and no rule says what it may import. Give it a rule in tools/check/imports/rooms.ts.`;
}

function problemOf({ specifier, path, isTypeOnly }: Import, name: string, room: Room, roomOf: (path: string) => string | null): string | null {
  const breaks = (rule: string, what: string): string => `rule ${rule}: ${what}. ${room.why} ${room.instead}`;
  if (path !== null) {
    const other = roomOf(path);
    if (other !== name && room.isProduct !== false)
      return `rule by-name: ${specifier} leads out of ${name}. What a room offers stands in its package.json. Import @tenure/${other ?? 'the workspace'} by name.`;
    if (isOfTests(path) && room.isProduct !== false)
      return `rule no-test-code: ${specifier} is there for tests. The image does not have it. Move what the product needs to a file of its own.`;
    return other === name || other === null || mayImport(room, other, other, isTypeOnly) ? null : breaks(name, `${name} may not import ${other}`);
  }
  if (specifier.startsWith('@tenure/')) {
    const entry = specifier.slice('@tenure/'.length);
    const [other = ''] = entry.split('/');
    if (/\/testing$/.test(entry) && room.isProduct !== false)
      return `rule no-test-code: ${specifier} is there for tests. The image does not have it. Move what the product needs to a file of its own.`;
    if (other === name) return `rule by-path: ${name} imports itself by name. Import the file by its path.`;
    if (mayImport(room, other, entry, isTypeOnly)) return null;
    const allowed = room.imports.length === 0 ? 'none of the others' : room.imports.join(', ');
    return breaks(name, `${name} may not import ${specifier}, but ${allowed}`);
  }
  const banned = room.never?.find((never) => specifier === never || (/[:/]$/.test(never) ? specifier.startsWith(never) : specifier.startsWith(`${never}/`)));
  return banned === undefined ? null : breaks(name, `${name} never imports ${specifier}`);
}

function mayImport({ imports }: Room, other: string, entry: string, isTypeOnly: boolean): boolean {
  return imports.some((allowed) => allowed === other || allowed === entry || (isTypeOnly && allowed === `types of ${other}`));
}
