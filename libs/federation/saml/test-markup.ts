/** Test helper: pseudo-random numbers that are reproducible by their seed. */
export interface Random {
  /** A whole number from 0 to `limit` - 1. */
  below(limit: number): number;
  /** One of the items; `null` when there is none. */
  pick<T>(from: readonly T[]): T | null;
}

/** Creates a Mulberry32 generator: small, and good enough to choose mutations. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return { below, pick: (from) => from[below(from.length)] ?? null };
}

/** A piece of a message's text: `start` up to `end`. */
export interface Markup {
  readonly kind: 'element' | 'text' | 'attribute';
  /** Name with its prefix; empty for text. */
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

const TOKEN = /<!--.*?-->|<!\[CDATA\[.*?\]\]>|<[?!][^>]*>|<\/([\w:.-]+)\s*>|<([\w:.-]+)((?:\s[^<>"']*|"[^"]*"|'[^']*')*?)(\/?)>|[^<]+|</gs;

/**
 * Positions of elements, texts and attributes of a message, found without an XML parser: the tested code must not choose its own tests.
 * Attributes include the white space before them.
 */
export function readMarkup(xml: string): readonly Markup[] {
  const found: Markup[] = [];
  const open: { readonly name: string; readonly start: number }[] = [];
  for (const token of xml.matchAll(TOKEN)) {
    const [text, closing, opening, attributes = '', empty] = token;
    const [start, end] = [token.index, token.index + text.length];
    if (opening !== undefined) {
      const first = start + 1 + opening.length;
      for (const one of attributes.matchAll(/\s+([\w:.-]+)\s*=\s*("[^"]*"|'[^']*')/g))
        found.push({ kind: 'attribute', name: one[1] ?? '', start: first + one.index, end: first + one.index + one[0].length });
      if (empty === '/') found.push({ kind: 'element', name: opening, start, end });
      else open.push({ name: opening, start });
    } else if (closing !== undefined) {
      const begun = open.pop();
      if (begun?.name === closing) found.push({ kind: 'element', name: closing, start: begun.start, end });
    } else if (!text.startsWith('<') && text.trim() !== '') found.push({ kind: 'text', name: '', start, end });
  }
  return found;
}
