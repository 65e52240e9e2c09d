import type { Metrics } from './metrics.ts';

/** Asks for a clock. @returns how many milliseconds it is ahead of this process's, less than 0 behind it; `null`: it cannot be seen */
export type ClockCheck = () => Promise<number | null>;

/** @param ask for a clock's time, in milliseconds of Unix time; the way there and back counts half each */
export function clockOf(ask: () => Promise<number>): ClockCheck {
  return async () => {
    const before = Date.now();
    const time = await ask();
    return time - (before + Date.now()) / 2;
  };
}

export interface WatchedClocksSettings {
  /** By whose they are, as it reads in a sentence. */
  readonly clocks: Readonly<Record<string, ClockCheck>>;
  readonly metrics: Pick<Metrics, 'clock'>;
  readonly logger: Readonly<Record<'warn' | 'info', (entry: object, message: string) => void>>;
  /** Milliseconds between looks. */
  readonly every: number;
}

/**
 * Milliseconds from which a difference is told. Ends are due by the clock of whoever looks, and sessions and leases by PostgreSQL's: seconds do no harm,
 * and minutes let people in, or keep them out, for as long.
 */
export const CLOCKS_DIFFER = 30_000;

/** Finds clocks that differ and names them: once in the log for each change, and as a metric. A clock that does not answer has other checks. */
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
  // A clock that is long in answering is not asked a second time meanwhile.
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
