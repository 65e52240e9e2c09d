import { globSync, readFileSync } from 'node:fs';
import { createSourceFile, forEachChild, isStringLiteralLike, isTemplateExpression, type Node, ScriptTarget, type TemplateExpression } from 'typescript';
import { root } from '../../tenure/root.ts';
import type { ReadText } from './find-forbidden.ts';

/** Statements for the database: their words are names of tables and columns, which stay. */
function isStatement(text: string): boolean {
  return (
    /\b(?:insert into|delete from|update \w+ set|skip locked|jsonb_to_recordset|timestamptz)\b/i.test(text) ||
    (/\bselect\b/i.test(text) && /\bfrom\b/i.test(text))
  );
}

/**
 * Texts in the program itself: errors, the audit's sentences, output of commands, log lines, help of metrics, texts in the Temporal UI, the demo's
 * narration.
 */
export function literalTexts(): readonly ReadText[] {
  const files = globSync('{activities,apps,bench,demo,libs,simulations,tools,workflows}/**/*.{ts,js}', {
    cwd: root,
    exclude: (name) => name === 'node_modules',
  }).filter((file) => !/\.test\.ts$|\/test\/|\/testing|\/migrations\/|^tools\/check\//.test(file));
  return files.sort().flatMap((file) => literalTextsIn(file, readFileSync(`${root}/${file}`, 'utf8')));
}

/** Literals of a file that are more than one word; one word by itself is a name. */
export function literalTextsIn(file: string, text: string): readonly ReadText[] {
  const source = createSourceFile(file, text, ScriptTarget.Latest, true);
  const found: ReadText[] = [];
  const visit = (node: Node): void => {
    const literal = isTemplateExpression(node) ? partsOf(node).join('…') : isStringLiteralLike(node) ? node.text : '';
    if (literal.trim().includes(' ') && !isStatement(literal))
      found.push({ place: `${file}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}`, text: literal });
    forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function partsOf({ head, templateSpans }: TemplateExpression): readonly string[] {
  return [head.text, ...templateSpans.map(({ literal }) => literal.text)];
}
