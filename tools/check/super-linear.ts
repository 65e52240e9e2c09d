import { check } from 'recheck';
import type { FoundExpression } from './regular-expressions.ts';

/**
 * Problem of a regular expression: its time grows faster than its text, or that is undecidable. `null`: it is linear, or its excuse explains why the
 * text is short.
 */
export async function superLinear({ place, source, flags, excuse }: FoundExpression): Promise<string | null> {
  if (excuse !== null) return null;
  if (source === null) return `${place}: put together at run time; write why its text is short: // super-linear: <reason>`;
  // Counts steps instead of time: a busy machine has the same result.
  const judged = await check(source, flags, { attackTimeout: null, incubationTimeout: null, timeout: 60_000 });
  if (judged.status === 'safe') return null;
  const why =
    judged.status === 'unknown'
      ? `cannot be judged (${judged.error.kind})`
      : `${judged.complexity.summary}, such as for ${judged.attack.pattern.slice(0, 120)}`;
  return `${place}: /${source}/${flags} is not linear: ${why}`;
}
