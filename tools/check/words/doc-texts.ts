import { globSync, readFileSync } from 'node:fs';
import { root } from '../../tenure/root.ts';
import type { ReadText } from './find-forbidden.ts';

/** Lines of the documentation without code. Decisions are left out: each is of its day. */
export function docTexts(): readonly ReadText[] {
  const files = globSync(['README.md', 'docs/*.md', 'docs/how-to/*.md'], { cwd: root });
  return files.sort().flatMap((file) => docTextsIn(file, readFileSync(`${root}/${file}`, 'utf8')));
}

export function docTextsIn(file: string, text: string): readonly ReadText[] {
  let isCode = false;
  return text.split('\n').flatMap((line, index) => {
    const isFence = /^\s*```/.test(line);
    if (isFence) isCode = !isCode;
    if (isCode || isFence) return [];
    // Names in code, addresses of links and paths are no words.
    const words = line
      .replace(/`[^`]*`/g, '`…`')
      .replace(/\]\([^)]*\)/g, ']') // super-linear: a line of our own
      .replace(/[\w.-]+(?:\/[\w.-]+)+/g, '…'); // super-linear: a line of our own
    return words.trim() === '' ? [] : [{ place: `${file}:${index + 1}`, text: words }];
  });
}
