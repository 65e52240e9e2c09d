import { TENURE_TARGET } from '@tenure/domain';
import type { Configuration, ProviderSettings } from './configuration.ts';

/**
 * Warnings about linking of logins that must be intended: providers that can make somebody an administrator by a key that they assert, and, if policy
 * gives rights in Tenure, that no provider may link to people with such rights. Each sentence names the consequence and the remedy.
 */
export function linkingWarnings({ identityProviders, policy }: Pick<Configuration, 'identityProviders' | 'policy'>): readonly string[] {
  const linking = Object.values(identityProviders).filter(({ correlate }) => correlate.length > 0);
  const givesRights = Object.values(policy.entitlements).some(({ target, value }) => target === TENURE_TARGET && value !== 'self');
  const isNeeded = givesRights && linking.length > 0 && linking.every(({ mayLink = [] }) => !mayLink.includes('privileged'));
  return [
    ...linking.flatMap(ofProvider),
    ...(isNeeded
      ? [
          `identityProviders: no provider has mayLink: [privileged], so nobody with rights in Tenure logs in through ${listed(linking)} before an administrator has answered a case or made a one-time link (npm run login-link). If one of them is your own directory, whose users cannot edit what it correlates by, say mayLink: [privileged, bound] there.`,
        ]
      : []),
  ];
}

function ofProvider({ name, correlate, mayLink = [] }: ProviderSettings): readonly string[] {
  if (mayLink.length === 0) return [];
  const keys = correlate.map((key) => ('attribute' in key ? key.attribute : 'email')).join(', ');
  const whom = [
    ...(mayLink.includes('privileged') ? ['people with rights in Tenure, administrators too'] : []),
    ...(mayLink.includes('bound') ? ['people who log in through another provider'] : []),
  ].join(', and to ');
  return [
    `identityProviders.${name}: mayLink lets its logins link by themselves to ${whom}: everybody who administers ${name}, or can edit ${keys} there, can log in as them. Set it for your own directory alone.`,
  ];
}

function listed(providers: readonly ProviderSettings[]): string {
  return providers.map(({ name }) => name).join(', ');
}
