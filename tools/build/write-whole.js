// @ts-check
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Puts a file into its place whole: nobody ever reads half of it.
 * @param {string} place
 * @param {string | Buffer} content
 */
export function writeWhole(place, content) {
  const unfinished = `${place}.${process.pid}`;
  mkdirSync(dirname(place), { recursive: true });
  writeFileSync(unfinished, content);
  renameSync(unfinished, place);
}
