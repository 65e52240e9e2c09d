import { describe, expect, test } from '@jest/globals';
import { runWatched } from './watched-program.ts';

const patient = { first: 60_000, further: 60_000 };
const nothingYet = async (): Promise<string> => '';
const node = (script: string) => ({ program: process.execPath, arguments: ['-e', script], progress: nothingYet, patience: patient, limit: 60_000 });
const forEver = 'setInterval(() => {}, 1000)';

describe('runWatched', () => {
  test('tells the exit code and what was written, to either stream', async () => {
    const end = await runWatched(node(`console.log('taken'); console.error('but'); process.exitCode = 3`));
    expect(end).toMatchObject({ code: 3, stalled: false });
    expect(end.output.split('\n').sort()).toEqual(['', 'but', 'taken']);
  });

  test('ends a program that makes no progress from the start', async () => {
    expect(await runWatched({ ...node(forEver), patience: { first: 1, further: 60_000 } })).toMatchObject({ code: null, stalled: true });
  });

  test('ends one whose progress has stopped, and not one that gets on', async () => {
    let asked = 0;
    const progress = async (): Promise<string> => String(Math.min((asked += 1), 5));
    expect(await runWatched({ ...node(forEver), progress, patience: { first: 60_000, further: 1 }, limit: 60_000 })).toMatchObject({ stalled: true });
    let growing = 0;
    const grows = async (): Promise<string> => String((growing += 1));
    expect(await runWatched({ ...node(forEver), progress: grows, limit: 1 })).toMatchObject({ stalled: true });
  });

  test('a program that is not there is no success', async () => {
    expect(await runWatched({ ...node(''), program: '/nowhere/python3' })).toMatchObject({
      code: null,
      stalled: false,
      output: expect.stringContaining('ENOENT'),
    });
  });

  test('is ended by its signal, and begins nothing after it', async () => {
    const stopping = new AbortController();
    const progress = async (): Promise<string> => {
      stopping.abort(new Error('stopped'));
      return '';
    };
    await expect(runWatched({ ...node(forEver), progress, signal: stopping.signal })).rejects.toThrow('stopped');
    await expect(runWatched({ ...node(forEver), signal: stopping.signal })).rejects.toThrow('stopped');
  });
});
