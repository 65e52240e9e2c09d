import type { FlakyLink } from '../../libs/connectors/flaky-link.ts';
import type { Random } from './random.ts';

/** Trouble on the way to a target. */
export interface Weather {
  /** Does something at the target while nobody can reach it, so that nobody sees it half done. */
  whileNobodyLooks(work: () => Promise<void>): Promise<void>;
  /** No more trouble; the link is open. */
  clear(): Promise<void>;
}

/** Lets a TCP link fail again and again for part of a second. @param tell hears what is played */
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
      // What had been taken in silence would never be answered.
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
