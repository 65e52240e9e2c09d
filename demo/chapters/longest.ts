import type { Confirmations } from '../confirmations.ts';

/** Milliseconds until the last target had confirmed. */
export function longest(confirmations: Confirmations): number {
  return Math.max(0, ...[...confirmations.values()].map((one) => one ?? 0));
}
