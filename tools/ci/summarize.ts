import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { filesToRepeat, mostRepeated } from './files-to-repeat.ts';
import type { TestFile, TestReport, TestResult } from './jest-report.ts';

export interface TestRun {
  /** `null`: Jest wrote none. */
  readonly first: TestReport | null;
  /** Report of the files that were run once more, alone; `null`: none were, or Jest wrote none. */
  readonly again: TestReport | null;
  /** Number of failed steps before the tests. */
  readonly failedBefore: number;
  /** Absolute path of the checkout. */
  readonly root: string;
}

export interface Summary {
  /** Text of the summary. Its last line is "N passed, N failed, N skipped". */
  readonly text: string;
  readonly failed: number;
}

const slowest = 10;
/** Maximum number of lines of a failure that are repeated here; the whole of it was printed when it happened. */
const messageLines = 12;

/**
 * Result of a run of all tests, as of its end: a file that failed and passed when it was run once more, alone, counts as passed and is named
 * UNSTABLE. Anything that is not known to have passed has failed: a missing report, a test that was not run the second time, a run that Jest calls
 * failed without naming a test.
 */
export function summarize({ first, again, failedBefore, root }: TestRun): Summary {
  const files = first?.testResults ?? [];
  const repeated = new Set(filesToRepeat(first));
  const failures = files.filter(({ status }) => status === 'failed');
  const unstable = failures.filter((file) => repeated.has(file.name) && hasPassed(file, again));
  const failing = failures.filter((file) => !unstable.includes(file));
  const final = files.map((file) => (unstable.includes(file) ? (inReport(again, file) ?? file) : file));
  const isUnexplained = first === null || (!first.success && failures.length === 0) || (failing.length === 0 && again !== null && !again.success);
  const failed = failing.reduce((sum, file) => sum + Math.max(count(file, 'failed'), 1), 0) + failedBefore + (isUnexplained ? 1 : 0);
  const named = (file: TestFile): string => relative(root, file.name);
  const lines = [
    'The slowest test files:',
    ...[...files]
      .sort((one, other) => seconds(other) - seconds(one))
      .slice(0, slowest)
      .map((file) => `${seconds(file).toFixed(1).padStart(8)} s  ${named(file)}`),
    ...(first === null ? ['The report of the tests is missing: Jest ended before it had run them all.'] : []),
    ...(isUnexplained && first !== null ? ['Jest says that the run failed, and names no test: see above.'] : []),
    ...(failures.length > mostRepeated ? [`${failures.length} test files failed, more than ${mostRepeated}: none was run once more.`] : []),
    ...failing.flatMap((file) => [`FAILED${repeated.has(file.name) ? ' twice' : ''}: ${named(file)}`, ...failedTests(file).map((name) => `  ${name}`)]),
    ...(unstable.length === 0 ? [] : unstableLines(unstable, named)),
    `${sum(final, 'passed')} passed, ${failed} failed, ${sum(final, 'skipped')} skipped`,
  ];
  return { text: `${lines.join('\n')}\n`, failed };
}

function unstableLines(files: readonly TestFile[], named: (file: TestFile) => string): readonly string[] {
  const bar = '!'.repeat(100);
  return [
    bar,
    `UNSTABLE: ${files.length} test ${files.length === 1 ? 'file' : 'files'} failed, and passed when run once more, alone. Each is a fault of the test or of the product, and`,
    'has to be mended: docs/testing.md.',
    ...files.flatMap((file) => [
      `UNSTABLE: ${named(file)}`,
      ...failedTests(file).map((name) => `  ${name}`),
      ...firstMessage(file).map((line) => `    ${line}`),
    ]),
    bar,
  ];
}

/** True if every test that failed has passed the second time, and so has the file. */
function hasPassed(file: TestFile, again: TestReport | null): boolean {
  const second = inReport(again, file);
  if (second === undefined || second.status !== 'passed' || count(second, 'passed') === 0) return false;
  const passed = new Set(second.assertionResults.filter(({ status }) => status === 'passed').map(({ fullName }) => fullName));
  return file.assertionResults.every(({ status, fullName }) => (status !== 'failed' && status !== 'passed') || passed.has(fullName));
}

function inReport(report: TestReport | null, { name }: TestFile): TestFile | undefined {
  return report?.testResults.find((one) => one.name === name);
}

function seconds({ startTime, endTime }: TestFile): number {
  return (endTime - startTime) / 1000;
}

function failedTests({ assertionResults }: TestFile): readonly string[] {
  const failed = assertionResults.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName);
  return failed.length > 0 ? failed : ['no test of it failed: the file could not be run, or a hook of it failed'];
}

function firstMessage({ assertionResults, message }: TestFile): readonly string[] {
  const first = assertionResults.find(({ status }) => status === 'failed')?.failureMessages?.[0] ?? message;
  const lines = stripVTControlCharacters(first).trim().split('\n');
  const isFrameOfOthers = (line: string): boolean => /^\s+at .*(?:node_modules|node:internal|<anonymous>)/.test(line);
  return lines.filter((line) => line.trim() !== '' && !isFrameOfOthers(line)).slice(0, messageLines);
}

type Counted = 'passed' | 'failed' | 'skipped';
const counted: Readonly<Record<TestResult['status'], Counted>> = {
  passed: 'passed',
  focused: 'passed',
  failed: 'failed',
  skipped: 'skipped',
  pending: 'skipped',
  todo: 'skipped',
  disabled: 'skipped',
};

function count({ assertionResults }: TestFile, as: Counted): number {
  return assertionResults.filter(({ status }) => counted[status] === as).length;
}

function sum(files: readonly TestFile[], as: Counted): number {
  return files.reduce((all, file) => all + count(file, as), 0);
}
