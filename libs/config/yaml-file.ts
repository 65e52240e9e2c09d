import { type Document, LineCounter, type Node, isMap, isNode, isScalar, isSeq, parseDocument } from 'yaml';

/** Keys and indexes that lead to a setting. */
export type Path = readonly (string | number)[];

/** Something wrong at a path. `at`: where to point, the value unless said otherwise. */
export interface LocatedProblem {
  readonly path: Path;
  readonly message: string;
  readonly at?: 'key' | 'parent';
}

/** Counts from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** One parsed YAML file that knows where each of its settings stands. */
export interface YamlFile {
  /** Path below the configuration's directory, with slashes. */
  readonly name: string;
  /** As written, references included. */
  readonly value: unknown;
  /** What makes it no YAML. */
  readonly errors: readonly (Position & { readonly message: string })[];
  locate(problem: Pick<LocatedProblem, 'path' | 'at'>): Position;
}

/** Parses YAML 1.2; never throws. */
export function parseYamlFile(name: string, text: string): YamlFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: false });
  const position = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const errors = document.errors.map((error) => ({ ...position(error.pos[0]), message: `is not valid YAML: ${error.message}` }));
  return { name, value: errors.length > 0 ? null : readValue(document), errors, locate: (problem) => position(offsetOf(document, problem)) };
}

function readValue(document: Document): unknown {
  const value: unknown = document.toJS({ maxAliasCount: 100 });
  return value === undefined ? null : value;
}

/** The nearest thing that is written: a missing setting is shown at the one it belongs to. */
function offsetOf(document: Document, { path, at }: Pick<LocatedProblem, 'path' | 'at'>): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  const steps = at === 'parent' ? path.slice(0, -1) : path;
  for (const [index, step] of steps.entries()) {
    const found = child(node, step);
    if (found === null) return offset;
    const isLast = index === steps.length - 1;
    const isNested = isMap(found.value) || isSeq(found.value);
    offset = (isLast && at === undefined && !isNested ? startOf(found.value) : null) ?? startOf(found.key) ?? startOf(found.value) ?? offset;
    node = found.value;
  }
  return offset;
}

function child(node: unknown, step: string | number): { key: unknown; value: unknown } | null {
  if (isSeq(node) && typeof step === 'number') return node.items[step] === undefined ? null : { key: null, value: node.items[step] };
  if (!isMap(node)) return null;
  const pair = node.items.find(({ key }) => (isScalar(key) ? String(key.value) : String(key)) === String(step));
  return pair === undefined ? null : { key: pair.key, value: pair.value };
}

function startOf(node: unknown): number | null {
  return isNode(node) ? ((node as Node).range?.[0] ?? null) : null;
}
