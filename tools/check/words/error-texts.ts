import { globSync, readFileSync } from 'node:fs';
import {
  createSourceFile,
  forEachChild,
  isNewExpression,
  isStringLiteralLike,
  isTemplateExpression,
  type Node,
  ScriptTarget,
  type SourceFile,
  type TemplateExpression,
} from 'typescript';
import { root } from '../../tenure/root.ts';
import type { ReadText } from './find-forbidden.ts';

/** Texts of the errors that the API can answer: the message of each `new InputInvalid(…)` and its siblings. */
export function errorTexts(): readonly ReadText[] {
  const files = globSync('{apps/api,libs/domain,libs/engine}/**/*.ts', { cwd: root, exclude: (name) => name === 'node_modules' }).filter(
    (file) => !/\.test\.ts$|\/test\/|\/testing/.test(file),
  );
  const sources = files.sort().map((file) => ({ file, text: readFileSync(`${root}/${file}`, 'utf8') }));
  const errors = new Set(sources.flatMap(({ text }) => [...text.matchAll(/class (\w+) extends DomainError\b/g)].map(([, name = '']) => name)));
  return sources.flatMap(({ file, text }) => errorTextsIn(file, text, errors));
}

/** Texts of a file as a whole, such as that with the sentences of the audit. */
export function literalTexts(file: string): readonly ReadText[] {
  const source = createSourceFile(file, readFileSync(`${root}/${file}`, 'utf8'), ScriptTarget.Latest, true);
  const found: ReadText[] = [];
  const visit = (node: Node): void => {
    const place = `${file}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
    if (isTemplateExpression(node)) found.push({ place, text: partsOf(node).join('…') });
    // A word by itself is a name.
    else if (isStringLiteralLike(node) && node.text.includes(' ')) found.push({ place, text: node.text });
    forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** @param errors names of the classes */
export function errorTextsIn(file: string, text: string, errors: ReadonlySet<string>): readonly ReadText[] {
  const source = createSourceFile(file, text, ScriptTarget.Latest, true);
  const found: ReadText[] = [];
  const visit = (node: Node): void => {
    if (isNewExpression(node) && errors.has(node.expression.getText())) {
      const [message] = node.arguments ?? [];
      const place = `${file}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
      if (message !== undefined) found.push({ place, text: literalsOf(message, source).join(' … ') });
    }
    forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** Texts that an expression is put together from, those in its branches too. */
function literalsOf(node: Node, source: SourceFile): readonly string[] {
  if (isStringLiteralLike(node)) return [node.text];
  const own = isTemplateExpression(node) ? partsOf(node) : [];
  const inner: string[] = [];
  forEachChild(node, (child) => void inner.push(...literalsOf(child, source)));
  return [...own, ...inner];
}

function partsOf({ head, templateSpans }: TemplateExpression): readonly string[] {
  return [head.text, ...templateSpans.map(({ literal }) => literal.text)];
}
