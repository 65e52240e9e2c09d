import { summarize } from './summarize.ts';
import { readTestReport } from './jest-report.ts';

// End of .ci/run: node tools/ci/summary.ts <report of Jest> <report of the files that were run once more> <failed steps before the tests>
const [first = '', again = '', failedBefore = '0'] = process.argv.slice(2);
const { text, failed } = summarize({ first: readTestReport(first), again: readTestReport(again), failedBefore: Number(failedBefore), root: process.cwd() });
process.stdout.write(text);
process.exitCode = failed === 0 ? 0 : 1;
