/** One figure. A ratio is how often its floor fits into it: 1 would be as fast as can be. */
export interface Row {
  readonly name: string;
  /** `ms`, `µs`, `people/s`, `MB` ... what `p50` and `p99` are in. */
  readonly unit: string;
  readonly n: number;
  readonly p50: number | null;
  readonly p99: number | null;
  readonly perSecond: number | null;
  /** Name of the row that this one is compared with. */
  readonly floor: string | null;
  readonly ratio: number | null;
}

/** What a measurement saw: each time in milliseconds, and how long all of it took. */
export interface Sample {
  readonly times: readonly number[];
  readonly elapsed: number;
}

/** Milliseconds at a share of all times, 0 to 1: the smallest time that this share does not exceed. */
export function percentile(times: readonly number[], share: number): number {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? Number.NaN;
}

/** @param floor compared by p50, or by the number per second where that is what the figure is about */
export function rowOf(name: string, { times, elapsed }: Sample, floor: Row | null = null, by: 'p50' | 'perSecond' = 'p50'): Row {
  const perSecond = (times.length / elapsed) * 1000;
  const p50 = percentile(times, 0.5);
  const ratio = floor === null ? null : by === 'p50' ? p50 / (floor.p50 ?? Number.NaN) : (floor.perSecond ?? Number.NaN) / perSecond;
  return { name, unit: 'ms', n: times.length, p50, p99: percentile(times, 0.99), perSecond, floor: floor?.name ?? null, ratio };
}

/** One figure that is no series of times: memory, or how long one long thing took. */
export function figure(name: string, unit: string, value: number | null, more: Partial<Row> = {}): Row {
  return { name, unit, n: 1, p50: value, p99: null, perSecond: null, floor: null, ratio: null, ...more };
}
