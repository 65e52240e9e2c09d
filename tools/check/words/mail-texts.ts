import { globSync, readFileSync } from 'node:fs';
import { root } from '../../tenure/root.ts';
import type { ReadText } from './find-forbidden.ts';

/** English mails without tags, placeholders and conditions. */
export function mailTexts(): readonly ReadText[] {
  const files = globSync('libs/mail/templates/en/*.liquid', { cwd: root });
  return files.sort().flatMap((file) => mailTextsIn(file, readFileSync(`${root}/${file}`, 'utf8')));
}

export function mailTextsIn(file: string, template: string): readonly ReadText[] {
  return template.split('\n').flatMap((line, index) => {
    const text = line
      .replace(/\{%[^%]*%\}/g, ' ')
      .replace(/\{\{[^}]*\}\}/g, '…') // super-linear: a line of our own
      .replace(/<[^>]*>/g, ' '); // super-linear: a line of our own
    return /\w/.test(text) ? [{ place: `${file}:${index + 1}`, text }] : [];
  });
}
