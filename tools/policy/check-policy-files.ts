import { applicationWarnings, linkingWarnings, policyWarnings } from '@tenure/config';
import { loadFiles } from './load-files.ts';
import type { PolicyCommand } from './policy-command.ts';

/** Prints warnings about a valid policy that may still give access to the wrong people. @returns 0; errors are thrown, all together */
export async function checkPolicyFiles({ directory, environment, say }: PolicyCommand): Promise<number> {
  const configuration = await loadFiles(directory, environment);
  const { policy } = configuration;
  const { birthright, groups, lifecycle, separation } = policy;
  const settings = [
    counted(Object.keys(configuration.identityProviders).length, 'identity provider'),
    counted(Object.keys(configuration.sources).length, 'source'),
    counted(Object.keys(configuration.targets).length, 'target'),
    ...(Object.keys(configuration.applications).length === 0 ? [] : [counted(Object.keys(configuration.applications).length, 'application')]),
  ];
  const counts = [
    counted(Object.keys(policy.roles).length, 'role'),
    counted(Object.keys(policy.entitlements).length, 'entitlement'),
    counted(birthright.length, 'birthright rule'),
    counted(groups.length, 'group rule'),
    counted(lifecycle.length, 'lifecycle rule'),
    counted(separation.length, 'separation-of-duties rule'),
  ];
  say(`The policy is valid: ${counts.join(', ')}.`);
  say(`tenure.yaml is valid: ${settings.join(', ')}.`);
  for (const warning of linkingWarnings(configuration)) say(`Warning: ${warning}`);
  for (const warning of policyWarnings(configuration)) say(`Warning: ${warning}.`);
  for (const { application, message } of await applicationWarnings(configuration)) say(`Warning: applications.${application}: ${message}`);
  return 0;
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
