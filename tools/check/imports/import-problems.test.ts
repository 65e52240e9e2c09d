import { describe, expect, test } from '@jest/globals';
import { importProblems } from './import-problems.ts';
import { ROOMS, type Room } from './rooms.ts';
import { readSource, sourceFiles, type Workspace, workspacesOf } from './source-files.ts';

const root = `${import.meta.dirname}/../../../`;
const workspaces = workspacesOf(root);
const folderOf = (room: string): string => workspaces.find((one) => one.room === room)?.folder ?? '';
const rooms = Object.entries(ROOMS);

/** Problems of one planted file, beside the real rules. */
function planted(path: string, text: string, house: readonly Workspace[] = workspaces): string {
  return importProblems([readSource(path, text)], house, ROOMS).join('\n');
}

test('no file of the house breaks a rule, and each of its rooms has one', () => {
  expect(importProblems(sourceFiles(root, workspaces), workspaces, ROOMS)).toEqual([]);
  expect(workspaces.map(({ room }) => room).sort()).toEqual(Object.keys(ROOMS).sort());
});

test('no room leads back to itself', () => {
  const reached = (room: string, found = new Set<string>()): ReadonlySet<string> => {
    for (const entry of ROOMS[room]?.imports ?? []) {
      const other = entry.replace(/^types of /, '').split('/')[0] ?? '';
      if (found.has(other)) continue;
      found.add(other);
      reached(other, found);
    }
    return found;
  };
  expect(rooms.map(([name]) => name).filter((name) => reached(name).has(name))).toEqual([]);
});

describe.each(rooms)('%s', (name, room: Room) => {
  const file = `${folderOf(name)}/planted.ts`;
  const isAllowed = (other: string): boolean => room.imports.some((entry) => entry === other || entry === `types of ${other}`);
  const others = Object.keys(ROOMS).filter((other) => other !== name && !isAllowed(other));

  test('is held to the rooms that it may import, types included', () => {
    const lines = others.flatMap((other) => [`import { x } from '@tenure/${other}';`, `import type { X } from '@tenure/${other}';`]);
    const found = planted(file, lines.join('\n'));
    for (const [index] of lines.entries()) expect(found).toContain(`${file}:${index + 1}: rule ${name}: ${name} may not import @tenure/${others[index >> 1]}`);
    if (lines.length > 0) for (const words of [room.why, room.instead]) expect(found).toContain(words);
  });

  test('imports no package that it never has', () => {
    for (const never of room.never ?? []) {
      const specifier = never === 'node:' ? 'node:fs' : never.endsWith('/') ? `${never}core` : never;
      for (const text of [`import { x } from '${specifier}';`, `export type { X } from '${specifier}';`, `await import('${specifier}');`])
        expect(planted(file, text)).toContain(`rule ${name}: ${name} never imports ${specifier}. ${room.why} ${room.instead}`);
    }
  });
});

test('a room is imported by its name, and its own files by their path', () => {
  expect(planted('libs/mail/planted.ts', "import { x } from '../store/index.ts';")).toMatch(/rule by-name: .* Import @tenure\/store by name/);
  expect(planted('libs/mail/planted.ts', "import { x } from '@tenure/mail';")).toContain('rule by-path');
});

test('the product imports no test code', () => {
  expect(planted('apps/api/planted.ts', "import { x } from '@tenure/store/testing';")).toContain('rule no-test-code');
  expect(planted('apps/api/planted.ts', "import { x } from './test/api.ts';")).toContain('rule no-test-code');
  expect(planted('apps/api/planted.test.ts', "import { x } from './test/api.ts';")).toBe('');
});

test('types alone are allowed where only they are', () => {
  expect(planted('workflows/planted.ts', "import type {\n  A,\n} from '@tenure/activities';")).toBe('');
  expect(planted('workflows/planted.ts', "import { a } from '@tenure/activities';")).toContain('rule workflows');
  expect(planted('apps/api/planted.ts', "import { a } from '@tenure/workflows/messages';\nimport { b } from '@tenure/workflows';")).toMatch(
    /^apps\/api\/planted\.ts:2: /,
  );
});

test('a new room is closed until a rule says what it may import', () => {
  const house = [...workspaces, { folder: 'libs/shop', room: 'shop' }];
  expect(planted('libs/shop/planted.ts', "import type { X } from '@tenure/domain';", house)).toContain('rule new-room: shop imports @tenure/domain');
  expect(planted('apps/api/planted.ts', "import { x } from '@tenure/shop';", house)).toContain('rule api: api may not import @tenure/shop');
});

test('files that lead back to themselves are found, by types too', () => {
  const files = [
    readSource('libs/mail/a.ts', "import { b } from './b.ts';"),
    readSource('libs/mail/b.ts', "export type { C } from './deeper/c.ts';"),
    readSource('libs/mail/deeper/c.ts', "import type { A } from '../a.ts';"),
    readSource('libs/mail/d.ts', "import { a } from './a.ts';"),
  ];
  const [found, ...more] = importProblems(files, workspaces, ROOMS);
  expect(found).toContain('rule no-cycles: libs/mail/a.ts → libs/mail/b.ts → libs/mail/deeper/c.ts → libs/mail/a.ts.');
  expect(more).toEqual([]);
});
