import type { Browser } from '@tenure/testing/browser.ts';

/** A person of the story, as Tenure knows them. */
export interface Character {
  readonly identityId: string;
  readonly userName: string;
  /** Name by which their page greets them. */
  readonly name: string;
  readonly browser: Browser;
}

/** Everybody, for the checks at the end. */
export interface Cast {
  readonly carla: Character;
  readonly bruno: Character;
  readonly olga: Character;
}
