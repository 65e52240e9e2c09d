import type { Instant } from '@tenure/domain';
import type { AuditAnchor, Store, TakenAnchor } from '@tenure/store';
import type { AnchorPlace } from './anchor-places.ts';

export interface AnchoringDependencies {
  readonly store: Pick<Store, 'anchorAudit'>;
  readonly places: readonly AnchorPlace[];
  readonly clock: () => Instant;
  /** Told of each look: what is wrong with the chains' ends, and whether every place has the anchor. */
  readonly anchored: (anchored: Anchored) => void;
  /** Told of each failure; the anchor is tried again with the next one. @param place `null`: it could not be taken */
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
  /** Takes one, and has every place keep it. Never throws. @param isLast whether the process stops */
  anchor(isLast?: boolean): Promise<void>;
}

/** Anchors that wait for a place: a day's. */
const mostWaiting = 1_440;

/** Says where the audit's chains end, in places that whoever has the database does not have. */
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
