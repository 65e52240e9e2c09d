export { carryOutCorrections } from './carry-out-corrections.ts';
export { proposeCorrections } from './propose-corrections.ts';
export { submitCorrections } from './submit-corrections.ts';
