import { readFileSync } from 'node:fs';
import { relative } from 'node:path';

/** What Jest writes with --json, as far as it matters here. */
interface TestReport {
  readonly success: boolean;
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  /** Files that could not even be run. */
  readonly numRuntimeErrorTestSuites: number;
  readonly testResults: readonly { readonly name: string; readonly startTime: number; readonly endTime: number }[];
}

// The end of .ci/run, with the ten slowest files and the counts as its last line: node tools/check/summary.ts <report of Jest> <failed steps before it>
const [file = '', failedBefore = '0'] = process.argv.slice(2);
const report = read(file);
const failed = report.numFailedTests + report.numRuntimeErrorTestSuites;
// A run that failed without a failed test, as in a teardown, must not look well.
const failures = failed + Number(failedBefore) + (failed === 0 && !report.success ? 1 : 0);
const slowest = report.testResults
  .map(({ name, startTime, endTime }) => ({ name, seconds: (endTime - startTime) / 1000 }))
  .sort((one, other) => other.seconds - one.seconds);
process.stdout.write('The slowest test files:\n');
for (const { name, seconds } of slowest.slice(0, 10)) process.stdout.write(`${seconds.toFixed(1).padStart(8)} s  ${relative(process.cwd(), name)}\n`);
process.stdout.write(`${report.numPassedTests} passed, ${failures} failed, ${report.numPendingTests + report.numTodoTests} skipped\n`);
process.exitCode = failures === 0 ? 0 : 1;

function read(path: string): TestReport {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as TestReport;
  } catch {
    return { success: false, numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, numRuntimeErrorTestSuites: 0, testResults: [] };
  }
}
