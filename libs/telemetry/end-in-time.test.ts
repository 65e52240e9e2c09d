import { expect, it } from '@jest/globals';
import { endInTime } from './end-in-time.ts';

interface Said {
  readonly lines: string[];
  readonly codes: number[];
  readonly ended: Promise<number>;
}

function ending(stop: () => Promise<void>, within = 60_000) {
  const { promise, resolve } = Promise.withResolvers<number>();
  const said: Said = { lines: [], codes: [], ended: promise };
  const log = (_entry: object, sentence: string): void => void said.lines.push(sentence);
  const exit = (code: number): void => {
    said.codes.push(code);
    resolve(code);
  };
  const logger = { info: log, fatal: log };
  return { said, ...endInTime({ logger, name: 'the worker', stop, within, exit }) };
}

it('ends with 0 when it was asked to and everything has stopped', async () => {
  const { said, asked, reason } = ending(async () => undefined);
  asked();
  expect(await said.ended).toBe(0);
  expect(reason()).toBeNull();
});

it('ends with 1 though what it stops never stops, and says so', async () => {
  const { said, asked } = ending(() => new Promise(() => undefined), 1);
  asked();
  expect(await said.ended).toBe(1);
  expect(said.lines).toEqual(['the worker is stopping', 'the worker did not stop in time: it ends all the same']);
});

it('ends at once when it is asked twice', async () => {
  const { said, asked } = ending(() => new Promise(() => undefined));
  asked();
  asked();
  expect(said.codes).toEqual([1]);
});

it('stops in order, ends with 1 and tells why when a part has failed for good, once', async () => {
  let stopped = 0;
  const { said, failed, reason } = ending(async () => void (stopped += 1));
  failed('the worker of queue lives has failed', new Error('no such namespace'));
  failed('the worker of queue target-crm has failed');
  expect(reason()).toBe('the worker of queue lives has failed');
  expect(await said.ended).toBe(1);
  expect(stopped).toBe(1);
  expect(said.lines).toEqual(['the worker ends because a part of it has failed for good']);
});

it('ends with 1 when stopping fails', async () => {
  const { said, asked } = ending(() => Promise.reject(new Error('closed already')));
  asked();
  expect(await said.ended).toBe(1);
});
