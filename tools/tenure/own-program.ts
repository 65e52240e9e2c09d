import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './root.ts';

/**
 * Option as in the image: a quarter of V8's default for short-lived objects. With much less, they outlive collections and fill the old generation.
 */
const youngGeneration = '--max-semi-space-size=16';
/**
 * Option as in the image, in megabytes: far more than a process needs. With V8's default, which follows the machine's memory, the heap may grow to four
 * times what is in use before it is collected; with this one to some one and a half times.
 */
const oldGeneration = '--max-old-space-size=1024';

/**
 * Arguments with which Node runs a program of ours, built of the sources as they are.
 * @param entry absolute path of its TypeScript file
 * @param imports absolute paths of modules that are loaded before it
 */
export function ownProgram(entry: string, imports: readonly string[] = []): readonly string[] {
  const loaded = [join(root, 'tools/built.js'), ...imports.map(builtOf)];
  return [youngGeneration, oldGeneration, ...loaded.flatMap((path) => ['--import', pathToFileURL(path).href]), builtOf(entry)];
}

/** Built code names its own files by where it lies itself. */
function builtOf(path: string): string {
  const place = relative(root, path).replace(/^dist[\\/]/, '');
  return join(root, 'dist', place.replace(/\.ts$/, '.js'));
}
