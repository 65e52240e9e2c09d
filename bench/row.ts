/** One figure. Its ratio is its multiple of the floor: 1 would be as fast as possible. */
export interface Row {
  readonly name: string;
  /** Unit of `p50` and `p99`: `ms`, `µs`, `people/s`, `MB` ... */
  readonly unit: string;
  readonly n: number;
  readonly p50: number | null;
  readonly p99: number | null;
  readonly perSecond: number | null;
  /** Name of the row that this one is compared with. */
  readonly floor: string | null;
  readonly ratio: number | null;
}

/** Result of a measurement: each time and the total duration, in milliseconds. */
export interface Sample {
  readonly times: readonly number[];
  readonly elapsed: number;
}

/** Milliseconds at a share of all times, 0 to 1: the smallest time that this share does not exceed. */
export function percentile(times: readonly number[], share: number): number {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? Number.NaN;
}

/** Row of a sample. @param floor compared by p50, or by the number per second if `by` says so */
export function rowOf(name: string, { times, elapsed }: Sample, floor: Row | null = null, by: 'p50' | 'perSecond' = 'p50'): Row {
  const perSecond = (times.length / elapsed) * 1000;
  const p50 = percentile(times, 0.5);
  const ratio = floor === null ? null : by === 'p50' ? p50 / (floor.p50 ?? Number.NaN) : (floor.perSecond ?? Number.NaN) / perSecond;
  return { name, unit: 'ms', n: times.length, p50, p99: percentile(times, 0.99), perSecond, floor: floor?.name ?? null, ratio };
}

/** Row of a single value instead of a series of times: memory, or the duration of one long task. */
export function figure(name: string, unit: string, value: number | null, more: Partial<Row> = {}): Row {
  return { name, unit, n: 1, p50: value, p99: null, perSecond: null, floor: null, ratio: null, ...more };
}
