import { describe, expect, test } from '@jest/globals';
import { createSubscriptions } from './subscriptions.ts';

const limits = { ofSocket: 2, ofCaller: 3, inAll: 4, looksAtOnce: 1 };
const refused = (enter: () => unknown): string => {
  try {
    enter();
    return 'taken';
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('places', () => {
  test('are counted by socket, by caller and in all, and come back', () => {
    const all = createSubscriptions(limits);
    const [one, two, other] = [all.ofSocket('ann'), all.ofSocket('ann'), all.ofSocket('ben')];
    const leave = one.enter();
    one.enter();
    expect(refused(one.enter)).toBe('RATE_LIMITED');
    two.enter();
    expect(refused(two.enter)).toBe('RATE_LIMITED');
    other.enter();
    expect(refused(other.enter)).toBe('RATE_LIMITED');
    leave();
    leave();
    expect(refused(other.enter)).toBe('taken');
    expect(refused(one.enter)).toBe('RATE_LIMITED');
    one.leave();
    two.leave();
    other.leave();
    expect([refused(one.enter), refused(one.enter), refused(one.enter)]).toEqual(['taken', 'taken', 'RATE_LIMITED']);
  });
});

describe('looks', () => {
  test('are shared by those who ask the same before it begins, and by nobody after that', async () => {
    const socket = createSubscriptions(limits).ofSocket('ann');
    let looks = 0;
    let begun = (): void => undefined;
    const hasBegun = new Promise<void>((resolve) => (begun = resolve));
    let goOn = (): void => undefined;
    const look = async (): Promise<number> => {
      looks += 1;
      begun();
      await new Promise<void>((resolve) => (goOn = resolve));
      return looks;
    };
    const first = [socket.ask('inbox', look), socket.ask('inbox', look)];
    await hasBegun;
    const late = socket.ask('inbox', async () => 'later');
    goOn();
    expect(await Promise.all([...first, late])).toEqual([1, 1, 'later']);
  });

  test('go on after one that failed, and are not shared between sockets', async () => {
    const all = createSubscriptions(limits);
    const [one, other] = [all.ofSocket('ann'), all.ofSocket('ann')];
    const failed = one.ask('x', async () => {
      throw new Error('no');
    });
    await expect(failed).rejects.toThrow('no');
    expect(await Promise.all([one.ask('x', async () => 1), other.ask('x', async () => 2)])).toEqual([1, 2]);
  });
});
