import type { Narrator } from './narrate.ts';

/** A narrator that keeps what it is told until it is its turn, and from then on tells it at once. */
export interface WaitingNarrator {
  readonly narrator: Narrator;
  /** Its turn has come. */
  begin(): void;
}

/** For something that plays while something else is still being told. */
export function narrateInTurn(narrator: Narrator): WaitingNarrator {
  let kept: (() => void)[] | null = [];
  const inTurn =
    <Words extends readonly unknown[]>(tell: (...words: Words) => void) =>
    (...words: Words): void => {
      if (kept === null) tell(...words);
      else kept.push(() => tell(...words));
    };
  return {
    narrator: {
      line: inTurn(narrator.line),
      chapter: inTurn(narrator.chapter),
      step: inTurn(narrator.step),
      say: inTurn(narrator.say),
      copy: inTurn(narrator.copy),
      table: inTurn(narrator.table),
      wide: inTurn(narrator.wide),
      check: inTurn(narrator.check),
      fallSilent: narrator.fallSilent,
    },
    begin() {
      for (const tell of kept ?? []) tell();
      kept = null;
    },
  };
}
