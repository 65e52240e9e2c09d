import { filesToRepeat } from './files-to-repeat.ts';
import { readTestReport } from './jest-report.ts';

// Step of .ci/run, one path a line: node tools/ci/failed-files.ts <report of Jest>
for (const name of filesToRepeat(readTestReport(process.argv[2] ?? ''))) process.stdout.write(`${name}\n`);
