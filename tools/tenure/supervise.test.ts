import { describe, expect, it } from '@jest/globals';
import { type Running, type Supervised, supervise } from './supervise.ts';

/** A part that ends on command. */
interface Part extends Running {
  end(): void;
  isStopped: boolean;
}

function part(pid: number): Part {
  const { promise: exited, resolve } = Promise.withResolvers<void>();
  const made: Part = {
    pid,
    exited,
    end: resolve,
    isStopped: false,
    stop: async () => {
      made.isStopped = true;
      resolve();
      await exited;
    },
  };
  return made;
}

/** Runs everything that waits for nothing but its turn. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function startParts(
  start: (count: number) => Part,
  pause: (failures: number) => number = () => 0,
): Promise<{ parts: Part[]; said: string[]; supervised: Supervised<Part> }> {
  const parts: Part[] = [];
  const said: string[] = [];
  const supervised = await supervise({
    name: 'The worker',
    start: async () => {
      const started = start(parts.length + 1);
      parts.push(started);
      return started;
    },
    announce: (sentence) => void said.push(sentence),
    pause,
  });
  return { parts, said, supervised };
}

async function until(isSo: () => boolean): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!isSo()) {
    if (Date.now() > deadline) throw new Error('it did not come about');
    await turn();
  }
}

describe('supervise', () => {
  it('starts a part again that ended by itself, and says so', async () => {
    const { parts, said, supervised } = await startParts(part);
    parts[0]?.end();
    await until(() => supervised.current()?.pid === 2);
    expect(said).toEqual(['The worker ended by itself; it is started again in 0.0 s.']);
    await supervised.stop();
    expect(parts[1]?.isStopped).toBe(true);
  });

  it('tries again when a start fails', async () => {
    let calls = 0;
    const { parts, said, supervised } = await startParts((count) => {
      calls += 1;
      if (calls === 2) throw new Error('the database does not answer');
      return part(count);
    });
    parts[0]?.end();
    await until(() => supervised.current()?.pid === 2);
    expect(calls).toBe(3);
    expect(said).toContain('The worker could not be started: the database does not answer');
    await supervised.stop();
  });

  it('throws what the first start throws', async () => {
    await expect(
      startParts(() => {
        throw new Error('the port is taken');
      }),
    ).rejects.toThrow('the port is taken');
  });

  it('waits longer from end to end, and gives up on what does not stay up', async () => {
    const failures: number[] = [];
    const { supervised } = await startParts(
      (count) => {
        const started = part(count);
        started.end();
        return started;
      },
      (count) => {
        failures.push(count);
        return 0;
      },
    );
    expect(await supervised.gaveUp).toBe('The worker does not stay up, though it was started again 20 times.');
    expect(failures).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  });

  it('stops at once while it waits to start again, and starts nothing any more', async () => {
    const { parts, said, supervised } = await startParts(part, () => 3_600_000);
    parts[0]?.end();
    await until(() => said.length === 1);
    await supervised.stop();
    expect(parts).toHaveLength(1);
  });
});
