import { readFile, stat } from 'node:fs/promises';
import type { Instant } from '@tenure/domain';
import { providerFetch } from './provider-fetch.ts';

export interface FollowedDocumentSettings<T> {
  /** URL or absolute file path. */
  readonly location: string;
  /** Value of the Accept header. */
  readonly accept: string;
  /** Reads the text of the document. @param home address that it was fetched from; `null`: a file. Its error is a problem, like any other */
  readonly parse: (text: string, now: Instant, home: URL | null) => T;
  /** End of the validity of a document; `null`: not stated. */
  readonly validUntil: (document: T) => Instant | null;
  /** Text by which a change that matters is seen. */
  readonly fingerprint: (document: T) => string;
  /** Creates the error of `current` when there is no valid document. */
  readonly unavailable: () => Error;
  /** Milliseconds between two looks; an hour unless set. */
  readonly refreshInterval?: number;
  /** Milliseconds that have to lie between two looks that requests ask for; a minute unless set. */
  readonly minimumInterval?: number;
  /** Called for each look that failed. The last good document stays. */
  readonly onProblem?: (error: Error) => void;
  /** Time for the timer's looks; the machine's unless set. */
  readonly clock?: () => Instant;
}

/** A document at an address or in a file, kept fresh. */
export interface FollowedDocument<T> {
  /** The last good document; looks for it first when there is none yet or it has expired. @throws what `unavailable` creates when none is valid */
  current(now: Instant): Promise<T>;
  /** The last good document, without a look; `null`: none is valid. */
  known(now: Instant): T | null;
  /**
   * Looks again at once, unless a look was less than `minimumInterval` ago: strangers must not make us busy.
   * @returns true if the fingerprint has changed
   */
  refresh(now: Instant): Promise<boolean>;
  /** Looks ahead of the first use. A failure is reported to `onProblem`. */
  prepare(): Promise<void>;
  /** Ends the timer. */
  stop(): void;
}

const HOUR = 3_600_000;
const MINUTE = 60_000;
const FILE_LIMIT = 1_048_576;

/** Begins to follow a document. The first look happens with its first use or the first interval. */
export function followDocument<T>(settings: FollowedDocumentSettings<T>): FollowedDocument<T> {
  const { parse, validUntil, fingerprint, clock = () => new Date().toISOString() } = settings;
  let good: T | null = null;
  let lastLook = Number.NEGATIVE_INFINITY;
  let looking: Promise<void> | null = null;

  const look = (now: Instant): Promise<void> => {
    lastLook = Date.parse(now);
    looking ??= load(settings)
      .then(({ text, home }) => void (good = parse(text, now, home)))
      .catch((error: unknown) => settings.onProblem?.(error instanceof Error ? error : new Error('failed')))
      .finally(() => (looking = null));
    return looking;
  };
  const mayLook = (now: Instant) => looking !== null || Date.parse(now) - lastLook >= (settings.minimumInterval ?? MINUTE);
  const holds = (document: T | null, now: Instant): document is T => {
    const end = document === null ? '' : validUntil(document);
    return end === null || end > now;
  };
  const print = (): string => (good === null ? '' : fingerprint(good));

  const timer = setInterval(() => void look(clock()), settings.refreshInterval ?? HOUR).unref();
  return {
    current: async (now) => {
      // A missing document is looked for with every use until it is there; an old one only as often as strangers may ask.
      if (good === null || (!holds(good, now) && mayLook(now))) await look(now);
      if (!holds(good, now)) throw settings.unavailable();
      return good;
    },
    known: (now) => (holds(good, now) ? good : null),
    refresh: async (now) => {
      const before = print();
      if (mayLook(now)) await look(now);
      return print() !== before;
    },
    prepare: async () => {
      if (good === null) await look(clock());
    },
    stop: () => clearInterval(timer),
  };
}

async function load({
  location,
  accept,
}: Pick<FollowedDocumentSettings<unknown>, 'location' | 'accept'>): Promise<{ readonly text: string; readonly home: URL | null }> {
  if (!/^https?:\/\//i.test(location)) return { text: await readText(location), home: null };
  const answer = await providerFetch(location, { redirects: 3, headers: { accept } });
  const home = new URL(location);
  if (answer.status !== 200) throw new Error(`${home.origin} answered ${answer.status}`);
  return { text: await answer.text(), home };
}

async function readText(path: string): Promise<string> {
  const { size } = await stat(path);
  if (size > FILE_LIMIT) throw new Error('the file is larger than 1 MiB');
  return readFile(path, 'utf8');
}
