export { carryOutCorrections } from './carry-out-corrections.ts';
export { proposeCorrections } from './propose-corrections.ts';
export { restoreAccount } from './restore-account.ts';
export { submitCorrections } from './submit-corrections.ts';
export { workOnQuarantine } from './work-on-quarantine.ts';
