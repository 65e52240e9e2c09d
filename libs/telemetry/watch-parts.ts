/** Checks a part of a process. @returns reason of its permanent failure, as a sentence; `null`: it works, or may recover */
export type PartCheck = () => string | null;

export interface WatchedPartsSettings {
  /** Returns the parts; called at each check, since parts come and go. */
  readonly parts: () => Readonly<Record<string, PartCheck>>;
  /** Called once, for the first failed part. */
  readonly failed: (reason: string) => void;
  /** Milliseconds between two checks. */
  readonly every: number;
}

/** Checks the parts of a process periodically: some fail without an event. */
export function watchParts({ parts, failed, every }: WatchedPartsSettings): { stop(): void } {
  const timer = setInterval(() => {
    for (const [name, check] of Object.entries(parts())) {
      const reason = check();
      if (reason === null) continue;
      clearInterval(timer);
      failed(`${name}: ${reason}`);
      return;
    }
  }, every);
  return { stop: () => clearInterval(timer) };
}
