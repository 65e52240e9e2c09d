import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { root } from '../../tenure/root.ts';
import type { ReadText } from './find-forbidden.ts';

const files = ['docs/operate/alerts.yml', 'docs/operate/dashboard.json'];
/** Fields of alerts and of the dashboard that operators read. */
const read = new Set(['summary', 'description', 'title', 'legendFormat']);

/** Texts of the alerts and of the dashboard. */
export function observedTexts(): readonly ReadText[] {
  return files.flatMap((file) => observedTextsIn(file, readFileSync(`${root}/${file}`, 'utf8')));
}

/** @param text YAML or JSON */
export function observedTextsIn(file: string, text: string): readonly ReadText[] {
  const found: ReadText[] = [];
  const visit = (value: unknown, at: string): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
      const place = `${at}.${key}`;
      if (typeof inner !== 'string') visit(inner, place);
      else if (read.has(key)) found.push({ place, text: inner.replace(/\{\{[^}]*\}\}/g, '…') }); // super-linear: a file of our own
    }
  };
  visit(parse(text), file);
  return found;
}
