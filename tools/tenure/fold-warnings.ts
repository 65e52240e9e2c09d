import type { LogLine } from './log-line.ts';
import { readableWarning } from './readable-warning.ts';

/** Shows a warning when it comes up, and while it keeps coming only now and then how often. */
export interface WarningFold {
  /** @param now milliseconds @returns the line to show, or `null` for one that was shown not long ago */
  take(line: LogLine, now: number): string | null;
  /** Lines about warnings that were repeated since they were shown. To be called every few seconds. @param now milliseconds */
  due(now: number): readonly string[];
}

interface Shown {
  readonly last: LogLine;
  readonly again: number;
  readonly since: string;
  /** Milliseconds until it is shown again: twice as long each time. */
  readonly pause: number;
  readonly next: number;
}

const firstPause = 60_000;
const longestPause = 3_600_000;
/** Different warnings that are remembered; past that the oldest is forgotten and would be shown as new. */
const most = 200;

/** A fold for one run of Tenure. */
export function foldWarnings(): WarningFold {
  const known = new Map<string, Shown>();
  return {
    take(line, now) {
      const key = keyOf(line);
      const before = known.get(key);
      if (before !== undefined) {
        known.set(key, { ...before, last: line, again: before.again + 1 });
        return null;
      }
      known.set(key, { last: line, again: 0, since: line.time, pause: firstPause, next: now + firstPause });
      for (const oldest of [...known.keys()].slice(0, known.size - most)) known.delete(oldest);
      return readableWarning(line);
    },
    due(now) {
      const lines: string[] = [];
      for (const [key, shown] of [...known].filter(([, { next }]) => next <= now)) {
        if (shown.again === 0) {
          known.delete(key); // it has ended: a repetition is news
          continue;
        }
        const pause = Math.min(shown.pause * 2, longestPause);
        lines.push(`${readableWarning(shown.last)} (${shown.again === 1 ? 'once' : `${shown.again} times`} more in ${Math.round(shown.pause / 60_000)} min)`);
        known.set(key, { ...shown, again: 0, pause, next: now + pause });
      }
      return lines;
    },
  };
}

/** Key by which two warnings are the same: all but numbers, ids and times. */
function keyOf({ level, process, message, kinds, details }: LogLine): string {
  const about = ['target', 'provider', 'source', 'check', 'code', 'reason'].map((field) => details[field]);
  return JSON.stringify([level, process, message.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}|\d+/g, '#'), kinds, about]);
}
