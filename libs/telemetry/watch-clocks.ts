import type { Metrics } from './metrics.ts';

/** Reads a clock. @returns milliseconds by which it is ahead of this process's clock, negative: behind; `null`: it cannot be read */
export type ClockCheck = () => Promise<number | null>;

/** Creates a check of a clock. @param ask reads its time in milliseconds of Unix time, which is compared with the middle of the round trip */
export function clockOf(ask: () => Promise<number>): ClockCheck {
  return async () => {
    const before = Date.now();
    const time = await ask();
    return time - (before + Date.now()) / 2;
  };
}

export interface WatchedClocksSettings {
  /** Clocks by their owner, as named in a sentence. */
  readonly clocks: Readonly<Record<string, ClockCheck>>;
  readonly metrics: Pick<Metrics, 'clock'>;
  readonly logger: Readonly<Record<'warn' | 'info', (entry: object, message: string) => void>>;
  /** Milliseconds between two checks. */
  readonly every: number;
}

/**
 * Milliseconds from which a difference is reported. Ends are due by the clock of the process that checks them, sessions and leases by PostgreSQL's:
 * a difference of seconds does no harm, one of minutes grants or denies access for as long.
 */
export const CLOCKS_DIFFER = 30_000;

/** Reports clocks that differ: each change once in the log, and as a metric. A clock that does not answer is covered by other checks. */
export function watchClocks({ clocks, metrics, logger, every }: WatchedClocksSettings): { look(): Promise<void>; stop(): void } {
  const differing = new Set<string>();
  const look = async (): Promise<void> => {
    for (const [of, check] of Object.entries(clocks)) {
      const ahead = await check().catch(() => null);
      if (ahead === null) continue;
      metrics.clock(of, ahead);
      const isDifferent = Math.abs(ahead) > CLOCKS_DIFFER;
      if (isDifferent && !differing.has(of)) logger.warn({ clock: of, aheadBySeconds: Math.round(ahead / 1000) }, sentence(of, ahead));
      if (!isDifferent && differing.has(of)) logger.info({ clock: of }, `the clock of ${of} agrees with this machine's again`);
      if (isDifferent) differing.add(of);
      else differing.delete(of);
    }
  };
  // A slow clock is not read a second time meanwhile.
  let isLooking = false;
  const lookOnce = async (): Promise<void> => {
    if (isLooking) return;
    isLooking = true;
    await look();
    isLooking = false;
  };
  const timer = setInterval(() => void lookOnce(), every);
  void lookOnce();
  return { look, stop: () => clearInterval(timer) };
}

function sentence(of: string, ahead: number): string {
  return `the clock of ${of} is ${Math.round(Math.abs(ahead) / 1000)} seconds ${ahead > 0 ? 'ahead of' : 'behind'} this machine's: let both follow one time server`;
}
