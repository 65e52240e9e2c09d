import { readFileSync } from 'node:fs';

/** What Jest writes with --json, as far as it matters here. */
interface TestReport {
  readonly success: boolean;
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  /** Files that could not even be run. */
  readonly numRuntimeErrorTestSuites: number;
}

// The last line of .ci/run: node tools/check/summary.ts <report of Jest> <failed steps before it>
const [file = '', failedBefore = '0'] = process.argv.slice(2);
const report = read(file);
const failed = report.numFailedTests + report.numRuntimeErrorTestSuites;
// A run that failed without a failed test, as in a teardown, must not look well.
const failures = failed + Number(failedBefore) + (failed === 0 && !report.success ? 1 : 0);
process.stdout.write(`${report.numPassedTests} passed, ${failures} failed, ${report.numPendingTests + report.numTodoTests} skipped\n`);
process.exitCode = failures === 0 ? 0 : 1;

function read(path: string): TestReport {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as TestReport;
  } catch {
    return { success: false, numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, numRuntimeErrorTestSuites: 0 };
  }
}
