import { listen, type Store } from '@tenure/store';
import { type ProcessPlace, readVersion, type VersionInUse } from './version-in-use.ts';

export interface FollowSettings {
  readonly store: Store;
  /** Address of the database, for its notifications. */
  readonly url: string;
  readonly place: ProcessPlace;
  /** Version of the start. */
  readonly first: VersionInUse;
  /** Makes the whole process use it, or throws and leaves everything as it was. */
  readonly takeOver: (next: VersionInUse) => Promise<void>;
  readonly events: {
    readonly taken: (version: VersionInUse) => void;
    /** Called once for each reason: the process keeps the version that it has, and tries again every few seconds. */
    readonly failed: (error: unknown, version: number) => void;
    /** The connection for notifications. */
    readonly lost: (error: Error) => void;
  };
}

export interface FollowedVersions {
  /** Version that the process uses, and the newer one that it could not take over; `null`: there is none. */
  state(): { readonly version: number; readonly behind: number | null };
  stop(): Promise<void>;
}

/** Milliseconds between looks, for notifications that were missed and secrets that have come meanwhile. */
const every = 5_000;

/** Has a process take over each new configuration version, as soon as it is in force. */
export async function followVersions({ store, url, place, first, takeOver, events }: FollowSettings): Promise<FollowedVersions> {
  let inUse = first;
  let behind: { readonly version: number; readonly reason: string } | null = null;
  let looking: Promise<void> | null = null;
  let isNudged = false;
  let isStopped = false;
  const look = async (): Promise<void> => {
    const current = await store.read((tx) => tx.access.currentPolicy());
    if (current === null) return;
    if (current.settingsDigest === null || current.settingsDigest === inUse.digest) {
      // Another policy alone: each decision reads which one is in force.
      inUse = { ...inUse, version: current.version };
      behind = null;
      return;
    }
    const { version } = current;
    try {
      const next = await readVersion(store, place, version);
      await takeOver(next);
      inUse = next;
      behind = null;
      events.taken(next);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const isKnown = behind !== null && behind.version === version && behind.reason === reason;
      behind = { version, reason };
      if (!isKnown) events.failed(error, version);
    }
  };
  const nudge = (): void => {
    isNudged = true;
    if (isStopped || looking !== null) return;
    isNudged = false;
    // A database that does not answer is reported elsewhere; the next look finds what this one has missed.
    looking = look()
      .catch(() => undefined)
      .finally(() => {
        looking = null;
        if (isNudged) nudge();
      });
  };
  const listener = await listen(url, 'tenure_configuration', nudge, events.lost);
  const timer = setInterval(nudge, every);
  nudge();
  return {
    state: () => ({ version: inUse.version, behind: behind?.version ?? null }),
    async stop() {
      isStopped = true;
      clearInterval(timer);
      await listener.stop();
      await looking;
    },
  };
}
