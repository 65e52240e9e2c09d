import { readFileSync } from 'node:fs';

/** Report that Jest writes with `--json --outputFile`, as far as it matters here. */
export interface TestReport {
  readonly success: boolean;
  readonly testResults: readonly TestFile[];
}

export interface TestFile {
  /** Absolute path. */
  readonly name: string;
  readonly status: 'passed' | 'failed' | 'skipped' | 'focused';
  /** Reason why the file failed where none of its tests did: it could not be loaded, or a hook of it failed. */
  readonly message: string;
  /** Milliseconds since 1970, both. */
  readonly startTime: number;
  readonly endTime: number;
  readonly assertionResults: readonly TestResult[];
}

export interface TestResult {
  readonly fullName: string;
  readonly status: 'passed' | 'failed' | 'skipped' | 'pending' | 'todo' | 'disabled' | 'focused';
  readonly failureMessages: readonly string[] | null;
}

/** @returns `null` when there is none, or none that can be read */
export function readTestReport(path: string): TestReport | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as TestReport;
  } catch {
    return null;
  }
}
