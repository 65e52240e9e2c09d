import { globSync, readFileSync } from 'node:fs';
import { createSourceFile, forEachChild, isTaggedTemplateExpression, isTemplateExpression, type Node, ScriptTarget } from 'typescript';
import { root } from '../../tenure/root.ts';
import type { ReadText } from './find-forbidden.ts';

/** Texts of the pages of the API: text in html`…` outside of tags. */
export function pageTexts(): readonly ReadText[] {
  const files = globSync('apps/api/{pages,login}/**/*.ts', { cwd: root }).filter((file) => !file.endsWith('.test.ts'));
  return files.sort().flatMap((file) => pageTextsIn(file, readFileSync(`${root}/${file}`, 'utf8')));
}

export function pageTextsIn(file: string, text: string): readonly ReadText[] {
  const source = createSourceFile(file, text, ScriptTarget.Latest, true);
  const found: ReadText[] = [];
  const visit = (node: Node): void => {
    if (isTaggedTemplateExpression(node) && node.tag.getText() === 'html') {
      const { template } = node;
      const parts = isTemplateExpression(template) ? [template.head, ...template.templateSpans.map(({ literal }) => literal)] : [template];
      // An attribute may reach over an expression: a tag's end without its beginning is one too.
      const words = parts
        .map((part) => part.text)
        .join('…')
        .replace(/<[^>]*>/g, ' '); // super-linear: a page of our own
      if (/\w/.test(words)) found.push({ place: `${file}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}`, text: words });
    }
    forEachChild(node, visit);
  };
  visit(source);
  return found;
}
