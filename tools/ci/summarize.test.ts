import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { filesToRepeat } from './files-to-repeat.ts';
import { summarize } from './summarize.ts';
import { readTestReport, type TestFile, type TestReport, type TestResult } from './jest-report.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'tenure-summary-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const root = '/checkout';
const red = '\u001B[31m';

/** A test file as Jest reports it. @param tests status by name */
function file(name: string, tests: Readonly<Record<string, TestResult['status']>>, more: Partial<TestFile> = {}): TestFile {
  const assertionResults = Object.entries(tests).map(([fullName, status]) => ({
    fullName,
    status,
    failureMessages: status === 'failed' ? [`Error: ${red}why ${fullName} failed\n    at there`] : [],
  }));
  const status = assertionResults.some((one) => one.status === 'failed') ? 'failed' : 'passed';
  return { name: `${root}/${name}`, status, message: '', startTime: 0, endTime: 1000, assertionResults, ...more };
}
const unrunnable = (name: string): TestFile => file(name, {}, { status: 'failed', message: `${name} cannot be loaded` });

/** Written to a file and read again, as .ci/run does; `null`: the file is missing. */
function through(files: readonly TestFile[] | null, success = files?.every(({ status }) => status !== 'failed')): TestReport | null {
  const path = join(directory, `${Math.random()}.json`);
  if (files !== null) writeFileSync(path, JSON.stringify({ success, testResults: files }));
  return readTestReport(path);
}
const summary = (first: TestReport | null, again: TestReport | null = null, failedBefore = 0) => {
  const { text, failed } = summarize({ first, again, failedBefore, root });
  const lines = text.trimEnd().split('\n');
  return { text, failed, last: lines.at(-1), unstable: lines.filter((line) => /^UNSTABLE: \S+\.test\.ts$/.test(line)) };
};

const well = file('libs/well.test.ts', { first: 'passed', second: 'skipped', third: 'todo' });
const shaky = file('apps/shaky.test.ts', { one: 'passed', two: 'failed' });

it('where all is well it is the counts, after the slowest files', () => {
  const slow = file('libs/slow.test.ts', { only: 'passed' }, { endTime: 61_500 });
  const { text, failed } = summary(through([well, slow]));
  expect(text).toBe('The slowest test files:\n    61.5 s  libs/slow.test.ts\n     1.0 s  libs/well.test.ts\n2 passed, 0 failed, 2 skipped\n');
  expect(failed).toBe(0);
});

describe('a file that failed', () => {
  it('and passed when run once more is UNSTABLE, with its test and the message, right before the counts of the end', () => {
    const { text, failed, last, unstable } = summary(through([well, shaky]), through([file('apps/shaky.test.ts', { one: 'passed', two: 'passed' })]));
    expect(unstable).toEqual(['UNSTABLE: apps/shaky.test.ts']);
    expect(text).toContain('UNSTABLE: apps/shaky.test.ts\n  two\n    Error: why two failed\n        at there\n!!!');
    expect(text.split('\n').at(-3)).toMatch(/^!+$/);
    expect(last).toBe('3 passed, 0 failed, 2 skipped');
    expect(failed).toBe(0);
  });

  it('and failed again fails the run, and is not called unstable', () => {
    const { text, failed, last, unstable } = summary(through([well, shaky]), through([shaky]));
    expect(text).toContain('FAILED twice: apps/shaky.test.ts\n  two\n');
    expect([failed, last, unstable]).toEqual([1, '2 passed, 1 failed, 2 skipped', []]);
  });

  it.each([
    ['whose second report is missing', null],
    ['that the second report does not name', []],
    ['whose test was skipped the second time', [file('apps/shaky.test.ts', { one: 'passed', two: 'skipped' })]],
    ['whose test is not there the second time', [file('apps/shaky.test.ts', { one: 'passed' })]],
    ['of which another test failed the second time', [file('apps/shaky.test.ts', { one: 'failed', two: 'passed' })]],
    ['that could not be run the second time', [unrunnable('apps/shaky.test.ts')]],
  ])('%s fails the run', (_case, again) => {
    const { failed, last, unstable } = summary(through([well, shaky]), through(again));
    expect([failed, last, unstable]).toEqual([1, '2 passed, 1 failed, 2 skipped', []]);
  });

  it('beside another that passed the second time fails the run, and the other one is unstable', () => {
    const other = file('apps/other.test.ts', { three: 'failed' });
    const again = through([file('apps/shaky.test.ts', { one: 'passed', two: 'passed' }), other]);
    const { failed, last, unstable } = summary(through([shaky, other]), again);
    expect([failed, last, unstable]).toEqual([1, '2 passed, 1 failed, 0 skipped', ['UNSTABLE: apps/shaky.test.ts']]);
  });

  it('beside more than two others is no chance: none is run once more, and all count as failed', () => {
    const failing = ['a', 'b', 'c', 'd'].map((name) => file(`apps/${name}.test.ts`, { [name]: 'failed' }));
    expect(filesToRepeat(through(failing))).toEqual([]);
    expect(filesToRepeat(through(failing.slice(1)))).toEqual(['b', 'c', 'd'].map((name) => `${root}/apps/${name}.test.ts`));
    const passed = through(['a', 'b', 'c', 'd'].map((name) => file(`apps/${name}.test.ts`, { [name]: 'passed' })));
    const { text, failed, last, unstable } = summary(through(failing), passed);
    expect(text).toContain('4 test files failed, more than 3: none was run once more.');
    expect([failed, last, unstable]).toEqual([4, '0 passed, 4 failed, 0 skipped', []]);
  });
});

describe('a suite that could not be run', () => {
  it('is run once more, is unstable when it passes then, and its tests count', () => {
    const first = through([well, unrunnable('apps/shaky.test.ts')]);
    expect(filesToRepeat(first)).toEqual([`${root}/apps/shaky.test.ts`]);
    const { text, failed, last, unstable } = summary(first, through([file('apps/shaky.test.ts', { one: 'passed', two: 'passed' })]));
    expect([failed, last, unstable]).toEqual([0, '3 passed, 0 failed, 2 skipped', ['UNSTABLE: apps/shaky.test.ts']]);
    expect(text).toContain('apps/shaky.test.ts cannot be loaded');
  });

  it('counts as one failure when it cannot be run again, or has no test then', () => {
    const first = through([well, unrunnable('apps/shaky.test.ts')]);
    for (const again of [unrunnable('apps/shaky.test.ts'), file('apps/shaky.test.ts', {})])
      expect(summary(first, through([again]))).toMatchObject({ failed: 1, last: '1 passed, 1 failed, 2 skipped', unstable: [] });
  });

  it('with tests that passed before a hook of it failed has failed', () => {
    const hook = file('apps/shaky.test.ts', { one: 'passed' }, { status: 'failed', message: 'afterAll failed' });
    expect(summary(through([hook]))).toMatchObject({ failed: 1, last: '1 passed, 1 failed, 0 skipped' });
  });
});

describe('a run does not look well', () => {
  it('without a report', () => {
    expect(filesToRepeat(through(null))).toEqual([]);
    expect(summary(through(null))).toMatchObject({ failed: 1, last: '0 passed, 1 failed, 0 skipped' });
  });

  it('when Jest calls it failed and names no test, the first time or the second', () => {
    expect(summary(through([well], false))).toMatchObject({ failed: 1, last: '1 passed, 1 failed, 2 skipped' });
    const again = through([file('apps/shaky.test.ts', { one: 'passed', two: 'passed' })], false);
    expect(summary(through([shaky]), again)).toMatchObject({ failed: 1, last: '2 passed, 1 failed, 0 skipped' });
  });

  it('when a step before the tests failed', () => {
    expect(summary(through([well]), null, 1)).toMatchObject({ failed: 1, last: '1 passed, 1 failed, 2 skipped' });
  });
});
