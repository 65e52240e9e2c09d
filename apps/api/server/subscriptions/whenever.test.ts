import { describe, expect, test } from '@jest/globals';
import { whenever } from './whenever.ts';

/** Value that changes on command. */
function source() {
  const followers = new Set<() => void>();
  return {
    followers,
    follow: (changed: () => void) => {
      followers.add(changed);
      return () => void followers.delete(changed);
    },
    change: () => {
      for (const changed of followers) changed();
    },
  };
}

describe('whenever', () => {
  test('looks at once, then again after a change, and once for many changes', async () => {
    const { follow, change } = source();
    let looks = 0;
    const all = whenever(follow, async () => ++looks);
    expect(await all.next()).toEqual({ done: false, value: 1 });
    change();
    change();
    change();
    expect(await all.next()).toEqual({ done: false, value: 2 });
    const waiting = all.next();
    change();
    expect(await waiting).toEqual({ done: false, value: 3 });
  });

  test('a change during a look leads to another look', async () => {
    const { follow, change } = source();
    let looks = 0;
    const all = whenever(follow, async () => {
      looks += 1;
      if (looks === 1) change();
      return looks;
    });
    await all.next();
    expect(await all.next()).toEqual({ done: false, value: 2 });
  });

  test('ends while it waits, and follows nothing any more', async () => {
    const { follow, followers } = source();
    const all = whenever(follow, async () => 1);
    await all.next();
    const waiting = all.next();
    await all.return?.();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(followers.size).toBe(0);
  });

  test('ends when there is nothing to see any more, and when a look fails', async () => {
    const { follow, followers } = source();
    expect(await whenever(follow, async () => null).next()).toEqual({ done: true, value: undefined });
    const failing = whenever(follow, async () => {
      throw new Error('no');
    });
    await expect(failing.next()).rejects.toThrow('no');
    expect(await failing.next()).toEqual({ done: true, value: undefined });
    expect(followers.size).toBe(0);
  });
});
