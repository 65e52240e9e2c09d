import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Collects all garbage at once, which blocks the process for some 60 ms. Called after the start, when a fifth of the memory is garbage: V8 would
 * keep it until the process grows, which it no longer does.
 */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as (options: { readonly type: 'major'; readonly flavor: 'last-resort' }) => void;
  collect({ type: 'major', flavor: 'last-resort' });
}
