export { rolesInTenure } from './roles-in-tenure.ts';
