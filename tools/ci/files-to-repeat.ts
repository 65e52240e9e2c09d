import type { TestReport } from './jest-report.ts';

/** Maximum number of failed files that are run again: more failures are not random. */
export const mostRepeated = 3;

/**
 * Test files that are run once more, alone, because they failed.
 * @returns absolute paths; none where nothing failed or more than `mostRepeated` did
 */
export function filesToRepeat(report: TestReport | null): readonly string[] {
  const failed = (report?.testResults ?? []).filter(({ status }) => status === 'failed').map(({ name }) => name);
  return failed.length > mostRepeated ? [] : failed;
}
