import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import type { FoundExpression } from './regular-expressions.ts';

const file = new URL('linear-expressions.txt', import.meta.url);
const { devDependencies } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  readonly devDependencies: { readonly recheck: string };
};

/** Names an expression and the version of the tool that decides about it: another version decides anew. */
export function digestOf({ source, flags }: Pick<FoundExpression, 'source' | 'flags'>): string {
  return createHash('sha256')
    .update(JSON.stringify([devDependencies.recheck, source, flags]))
    .digest('base64url');
}

/**
 * Digests of expressions that were found linear. The tool counts steps and has the same result each time, after half a minute for all of them: known
 * expressions are not checked again.
 */
export function readKnownLinear(): ReadonlySet<string> {
  return new Set(readFileSync(file, 'utf8').split('\n').filter(Boolean));
}

/** Replaces the known ones by those of the source as it is, sorted, so that branches seldom touch the same line. */
export function writeKnownLinear(digests: ReadonlySet<string>): void {
  const text = [...digests].sort().map((digest) => `${digest}\n`);
  if (text.join('') !== readFileSync(file, 'utf8')) writeFileSync(file, text.join(''));
}
