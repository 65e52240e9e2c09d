import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './root.ts';

/** As in the image: V8 would let each process grow by a hundred megabytes for what lives a moment only. */
const youngGeneration = '--max-semi-space-size=4';

/**
 * Arguments with which Node runs a program of ours, built of the sources as they are.
 * @param entry absolute path of its TypeScript file
 * @param imports absolute paths of what is loaded before it
 */
export function ownProgram(entry: string, imports: readonly string[] = []): readonly string[] {
  const loaded = [join(root, 'tools/built.js'), ...imports.map(builtOf)];
  return [youngGeneration, ...loaded.flatMap((path) => ['--import', pathToFileURL(path).href]), builtOf(entry)];
}

/** Built code names its own files by where it lies itself. */
function builtOf(path: string): string {
  const place = relative(root, path).replace(/^dist[\\/]/, '');
  return join(root, 'dist', place.replace(/\.ts$/, '.js'));
}
