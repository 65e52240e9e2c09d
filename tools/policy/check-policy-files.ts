import type { PolicyCommand } from '../policy.ts';
import { loadFiles } from './load-files.ts';

/** @returns 0; what is wrong is thrown with everything that is */
export async function checkPolicyFiles({ directory, environment, say }: PolicyCommand): Promise<number> {
  const { policy } = await loadFiles(directory, environment);
  const { birthright, groups, lifecycle, separation } = policy;
  const counts = [
    `${Object.keys(policy.roles).length} roles`,
    `${Object.keys(policy.entitlements).length} entitlements`,
    `${birthright.length} birthright rules`,
    `${groups.length} group rules`,
    `${lifecycle.length} lifecycle rules`,
    `${separation.length} rules of separation of duties`,
  ];
  say(`The policy is valid: ${counts.join(', ')}.`);
  return 0;
}
