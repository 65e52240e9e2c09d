import type { TestReport } from './jest-report.ts';

/** Where more files than this fail, it is no chance. */
export const mostRepeated = 3;

/**
 * Test files that are run once more, alone, because they failed.
 * @returns absolute paths; none where nothing failed or more than `mostRepeated` did
 */
export function filesToRepeat(report: TestReport | null): readonly string[] {
  const failed = (report?.testResults ?? []).filter(({ status }) => status === 'failed').map(({ name }) => name);
  return failed.length > mostRepeated ? [] : failed;
}
