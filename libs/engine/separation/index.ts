export { endException, grantException } from './grant-exception.ts';
export { mustBeSeparationRule } from './must-be-separation-rule.ts';
