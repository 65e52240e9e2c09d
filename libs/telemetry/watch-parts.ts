/** Looks at a part of a process. @returns why it has failed for good, in a sentence; `null`: it works, or may heal by itself */
export type PartCheck = () => string | null;

export interface WatchedPartsSettings {
  /** Asked at each look: parts come and go. */
  readonly parts: () => Readonly<Record<string, PartCheck>>;
  /** Told once, of the first part. */
  readonly failed: (reason: string) => void;
  /** Milliseconds between looks. */
  readonly every: number;
}

/** Looks at the parts of a process from time to time: some fail without anybody being told. */
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
