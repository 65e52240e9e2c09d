import { globSync, readFileSync } from 'node:fs';
import { root } from '../../tenure/root.ts';
import type { ReadText } from './find-forbidden.ts';

/** Lines of the documentation without code. Decisions are not looked at: each is of its day. */
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
    // Neither names in code nor addresses of links are words.
    const words = line.replace(/`[^`]*`/g, '`…`').replace(/\]\([^)]*\)/g, ']');
    return words.trim() === '' ? [] : [{ place: `${file}:${index + 1}`, text: words }];
  });
}
