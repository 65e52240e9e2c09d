import { globSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { preProcessFile } from 'typescript';

/** A file with its imports, types included. */
export interface SourceFile {
  /** Path from the root: `libs/mail/index.ts`. */
  readonly path: string;
  readonly imports: readonly Import[];
}

export interface Import {
  /** Specifier as it is written: `@tenure/mail`, `./index.ts`, `node:net`. */
  readonly specifier: string;
  /** The file that a relative import leads to; `null`: it is a name. */
  readonly path: string | null;
  readonly line: number;
  /** True: nothing of the import is left once types are removed. */
  readonly isTypeOnly: boolean;
}

/** Folder of a workspace from the root, with the name of its room. */
export interface Workspace {
  readonly folder: string;
  readonly room: string;
}

const house = '@tenure/';

/** The workspaces that package.json names, found and not listed. */
export function workspacesOf(root: string): readonly Workspace[] {
  const { workspaces } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { readonly workspaces: readonly string[] };
  const manifests = globSync(
    workspaces.map((pattern) => `${pattern}/package.json`),
    { cwd: root },
  );
  return manifests.map((manifest) => {
    const { name } = JSON.parse(readFileSync(join(root, manifest), 'utf8')) as { readonly name: string };
    return { folder: dirname(manifest), room: name.slice(house.length) };
  });
}

/** Every TypeScript and JavaScript file of the workspaces. */
export function sourceFiles(root: string, workspaces: readonly Workspace[]): readonly SourceFile[] {
  const patterns = workspaces.map(({ folder }) => `${folder}/**/*.{ts,js}`);
  const paths = globSync(patterns, { cwd: root, exclude: (name) => name === 'node_modules' });
  return [...new Set(paths)].sort().map((path) => readSource(path, readFileSync(join(root, path), 'utf8')));
}

/** @param path from the root, which relative imports are followed by */
export function readSource(path: string, text: string): SourceFile {
  const imports = preProcessFile(text, true, true).importedFiles.map(({ fileName, pos }): Import => {
    return {
      specifier: fileName,
      path: fileName.startsWith('.') ? posix.join(posix.dirname(path), fileName) : null,
      line: text.slice(0, pos).split('\n').length,
      isTypeOnly: isTypeOnly(text.slice(0, pos)),
    };
  });
  return { path, imports };
}

/** @param before all of the text up to the specifier */
function isTypeOnly(before: string): boolean {
  if (/\bimport\s*\(\s*['"]?$/.test(before.slice(-50))) return false;
  return /^(import|export)\s+type\b/.test(before.slice(Math.max(before.lastIndexOf('import '), before.lastIndexOf('export '))));
}
