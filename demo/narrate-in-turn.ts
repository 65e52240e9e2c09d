import type { Narrator } from './narrate.ts';

/** A narrator that keeps its lines until its turn, and from then on shows them at once. */
export interface WaitingNarrator {
  readonly narrator: Narrator;
  /** Begins its turn. */
  begin(): void;
}

/** Makes a narrator for a chapter that plays while another one is still being shown. */
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
