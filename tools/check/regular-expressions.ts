import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  createSourceFile,
  forEachChild,
  isCallExpression,
  isIdentifier,
  isNewExpression,
  isRegularExpressionLiteral,
  isStringLiteralLike,
  type Node,
  ScriptTarget,
  type SourceFile,
} from 'typescript';

/** A regular expression in the source. */
export interface FoundExpression {
  /** `libs/domain/time/dates.ts:12` */
  readonly place: string;
  /** `null`: put together from other values at run time. */
  readonly source: string | null;
  readonly flags: string;
  /** The reason in a comment `// super-linear: <reason>` on the same line or the one above; `null` without one. */
  readonly excuse: string | null;
}

const root = fileURLToPath(new URL('../../', import.meta.url));
const rooms = '{apps,libs,activities,workflows,tools,demo}/**/*.{ts,js}';

/** Every regular expression of the product, its tools and the demo; none of the tests. */
export function regularExpressions(): FoundExpression[] {
  const files = globSync(rooms, { cwd: root, exclude: (name) => name === 'node_modules' }).filter((file) => !isOfTests(file));
  return files.sort().flatMap((file) => expressionsIn(file, readFileSync(`${root}${file}`, 'utf8')));
}

function isOfTests(file: string): boolean {
  return /\.test\.ts$|\/tests?\/|\/test-[\w-]+\.ts$|\/testing/.test(file);
}

/** @param file its name, for the places */
export function expressionsIn(file: string, text: string): FoundExpression[] {
  const parsed = createSourceFile(file, text, ScriptTarget.Latest, true);
  const found: FoundExpression[] = [];
  const visit = (node: Node): void => {
    const expression = expressionOf(node);
    if (expression !== null) {
      const { line } = parsed.getLineAndCharacterOfPosition(node.getStart(parsed));
      found.push({ place: `${file}:${line + 1}`, ...expression, excuse: excuseAt(parsed, line) });
    }
    forEachChild(node, visit);
  };
  visit(parsed);
  return found;
}

function expressionOf(node: Node): Pick<FoundExpression, 'source' | 'flags'> | null {
  if (isRegularExpressionLiteral(node)) {
    const end = node.text.lastIndexOf('/');
    return { source: node.text.slice(1, end), flags: node.text.slice(end + 1) };
  }
  if (!(isNewExpression(node) || isCallExpression(node)) || !isIdentifier(node.expression) || node.expression.text !== 'RegExp') return null;
  const [source, flags] = node.arguments ?? [];
  // A copy of a literal that was found where it is written.
  if (source === undefined || isRegularExpressionLiteral(source)) return null;
  return { source: isStringLiteralLike(source) ? source.text : null, flags: flags !== undefined && isStringLiteralLike(flags) ? flags.text : '' };
}

function excuseAt(parsed: SourceFile, line: number): string | null {
  const lines = parsed.text.split('\n').slice(Math.max(0, line - 1), line + 1);
  for (const one of lines) {
    const at = one.indexOf('// super-linear: ');
    if (at >= 0) return one.slice(at + '// super-linear: '.length).trim();
  }
  return null;
}
