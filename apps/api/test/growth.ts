/** Length of the longer text of a measurement. `npm run test:growth` asks for a megabyte; without it a short form runs. */
export const longest = Number(process.env['GROWTH_BYTES'] ?? 65_536);

/** Milliseconds of CPU below which nothing is measured: they are the machine's. */
const floor = 40;
const tries = 4;

/** CPU time of two texts, one twice as long as the other. */
export interface Growth {
  readonly milliseconds: readonly [once: number, twice: number];
  /** At most 2.5: twice the text takes twice the time, and a little more. */
  readonly factor: number;
}

/**
 * Measures how the CPU of this process (all of its threads) grows with a text.
 * @param run takes a text of this many characters; called several times, since other work of the machine counts too
 * @param most characters that the field takes
 */
export async function growthOf(run: (length: number) => Promise<unknown> | unknown, most: number = longest): Promise<Growth> {
  const twice = Math.min(longest, most);
  const once = Math.floor(twice / 2);
  let best: Growth | null = null;
  for (let left = tries; left > 0 && (best === null || best.factor > 2.5); left -= 1) {
    const short = await cpuOf(() => run(once));
    const long = await cpuOf(() => run(twice));
    const factor = long / Math.max(short, floor);
    if (best === null || factor < best.factor) best = { milliseconds: [short, long], factor };
  }
  return best as Growth;
}

async function cpuOf(work: () => Promise<unknown> | unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** A text of this many characters that begins as often as it can. */
export function repeated(part: string, length: number): string {
  return part.repeat(Math.ceil(length / part.length)).slice(0, length);
}
