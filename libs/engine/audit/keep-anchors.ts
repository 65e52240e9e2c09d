import type { Instant } from '@tenure/domain';
import type { AuditAnchor, Store, TakenAnchor } from '@tenure/store';
import type { AnchorPlace } from './anchor-places.ts';

export interface AnchoringDependencies {
  readonly store: Pick<Store, 'anchorAudit'>;
  readonly places: readonly AnchorPlace[];
  readonly clock: () => Instant;
  /** Called after each anchor: problems with the ends of the chains, and whether every place has the anchor. */
  readonly anchored: (anchored: Anchored) => void;
  /** Called for each failure; the anchor is tried again with the next one. @param place `null`: it could not be taken */
  readonly failed: (error: unknown, place: string | null) => void;
}

export interface Anchored {
  readonly at: Instant;
  /** Sentences. */
  readonly problems: readonly string[];
  readonly isKeptEverywhere: boolean;
}

/** The anchors of one process. */
export interface Anchoring {
  /** Takes one, and has every place keep it. Never throws. @param isLast true if the process stops */
  anchor(isLast?: boolean): Promise<void>;
}

/** Anchors that wait for a place: a day's. */
const mostWaiting = 1_440;

/** Keeps the ends of the audit's chains in places that somebody with access to the database cannot write to. */
export function createAnchoring({ store, places, clock, anchored, failed }: AnchoringDependencies): Anchoring {
  let before: TakenAnchor | null = null;
  const waiting = places.map((place) => ({ place, anchors: [] as AuditAnchor[] }));
  const keep = async ({ place, anchors }: (typeof waiting)[number]): Promise<boolean> => {
    try {
      for (let [first] = anchors; first !== undefined; [first] = anchors) {
        await place.keep(first);
        anchors.shift();
      }
      return true;
    } catch (error) {
      failed(error, place.name);
      return false;
    }
  };
  return {
    async anchor(isLast = false) {
      try {
        const taken: TakenAnchor = await store.anchorAudit(clock(), before, isLast);
        before = taken;
        for (const { anchors } of waiting) if (anchors.push(taken.anchor) > mostWaiting) anchors.shift();
        const kept = await Promise.all(waiting.map(keep));
        anchored({ at: taken.anchor.at, problems: taken.problems, isKeptEverywhere: kept.every(Boolean) });
      } catch (error) {
        failed(error, null);
      }
    },
  };
}
