export { endException, grantException } from './grant-exception.ts';
