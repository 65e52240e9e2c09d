import { globSync, readFileSync } from 'node:fs';
import { root } from '../../tenure/root.ts';
import type { ReadText } from './find-forbidden.ts';

/** Mails of a language without tags, placeholders and conditions. */
export function mailTexts(language: 'de' | 'en'): readonly ReadText[] {
  const files = globSync(`libs/mail/templates/${language}/*.liquid`, { cwd: root });
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
