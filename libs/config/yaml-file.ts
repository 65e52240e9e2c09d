import { type Document, LineCounter, type Node, isMap, isNode, isScalar, isSeq, parseDocument, visit } from 'yaml';

/** Keys and indexes that lead to a setting. */
export type Path = readonly (string | number)[];

/** A problem at a path. `at`: the place to point to; absent: the value. */
export interface LocatedProblem {
  readonly path: Path;
  readonly message: string;
  readonly at?: 'key' | 'parent';
}

/** Position in a file, counted from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** One parsed YAML file, with the positions of its settings. */
export interface YamlFile {
  /** Path below the configuration's directory, with slashes. */
  readonly name: string;
  /** Parsed value as written, with its references. */
  readonly value: unknown;
  /** Syntax errors. */
  readonly errors: readonly (Position & { readonly message: string })[];
  locate(problem: Pick<LocatedProblem, 'path' | 'at'>): Position;
}

/** Parses YAML 1.2; never throws. */
export function parseYamlFile(name: string, text: string): YamlFile {
  const lines = new LineCounter();
  // With `uniqueKeys` the parser compares each key with every other one, which takes minutes for ten thousand keys.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: false, uniqueKeys: false });
  const position = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const parsed = document.errors.map((error) => ({ offset: error.pos[0], message: error.message }));
  const wrong = parsed.length > 0 ? parsed : repeatedKeys(document);
  const read = wrong.length > 0 ? { value: null, wrong } : readValue(document);
  const errors = read.wrong.map(({ offset, message }) => ({ ...position(offset), message: `is not valid YAML: ${message}` }));
  return { name, value: read.value, errors, locate: (problem) => position(offsetOf(document, problem)) };
}

interface Wrong {
  readonly offset: number;
  readonly message: string;
}

function repeatedKeys(document: Document): readonly Wrong[] {
  const wrong: Wrong[] = [];
  visit(document, {
    Map(_, { items }) {
      const seen = new Set<string>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        const name = String(key.value);
        if (seen.has(name)) wrong.push({ offset: startOf(key) ?? 0, message: 'Map keys must be unique' });
        seen.add(name);
      }
    },
  });
  return wrong;
}

/** Reads the value of a document. Aliases can expand a few lines to more than fits in memory, or refer to themselves, which is an error. */
function readValue(document: Document): { readonly value: unknown; readonly wrong: readonly Wrong[] } {
  try {
    const value: unknown = document.toJS({ maxAliasCount: 100 });
    JSON.stringify(value);
    return { value: value === undefined ? null : value, wrong: [] };
  } catch {
    return { value: null, wrong: [{ offset: 0, message: 'its aliases (*name) stand for too much, or for themselves' }] };
  }
}

/** Offset of the nearest setting that is written: a missing setting is located at the one that would contain it. */
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
