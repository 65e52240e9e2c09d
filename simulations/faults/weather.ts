import type { FlakyLink } from '../../libs/connectors/flaky-link.ts';
import type { Random } from './random.ts';

/** Faults on the way to a target. */
export interface Weather {
  /** Changes the target while it cannot be reached, so that nobody sees it half done. */
  whileNobodyLooks(work: () => Promise<void>): Promise<void>;
  /** Ends the faults; the link is open. */
  clear(): Promise<void>;
}

/** Interrupts a TCP link repeatedly for part of a second. @param tell called with each fault */
export function playWeather(random: Random, link: FlakyLink, tell: (what: string) => void): Weather {
  const waiting: (() => Promise<void>)[] = [];
  let isOver = false;
  let wakeUp = (): void => undefined;
  const wait = (milliseconds: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  const workUnseen = async (): Promise<void> => {
    if (waiting.length === 0) return;
    await link.down();
    for (const work of waiting.splice(0)) await work();
    await link.up();
  };
  const play = async (): Promise<void> => {
    while (!isOver) {
      await wait(random.whole(500, 2500));
      await workUnseen();
      if (isOver) return;
      const kind = random.pick(['silent', 'answer-lost', 'dropped', 'down'] as const);
      tell(kind);
      if (kind === 'dropped') link.drop();
      else if (kind === 'down') await link.down();
      else link.set(kind);
      await wait(random.whole(200, 1500));
      if (kind === 'down') await link.up();
      link.set('open');
      // Requests accepted in silence would never be answered.
      if (kind === 'silent') link.drop();
    }
  };
  const playing = play();
  return {
    whileNobodyLooks: (work) =>
      new Promise((resolve, reject) => {
        waiting.push(() => work().then(resolve, reject));
        wakeUp();
      }),
    async clear() {
      isOver = true;
      wakeUp();
      await playing;
      await workUnseen();
    },
  };
}
