import type { Configuration, OidcProviderSettings, ScimTargetSettings, SourceSettings } from '@tenure/config';
import type { PolicyDocument } from '@tenure/domain';

/** Parts of a configuration that matter to a test. Absent parts are as in an installation with one HR source and no target. */
export type ConfigurationParts = Partial<Omit<Configuration, 'policy'>> & { readonly policy?: Partial<PolicyDocument> };

/** A configuration without files. Attributes are those of the policy as well, unless it has its own. */
export function testConfiguration({ policy, attributes = {}, ...more }: ConfigurationParts = {}): Configuration {
  return {
    directory: '/',
    url: 'http://localhost:4000',
    timeZone: 'UTC',
    attributes,
    precedence: { default: ['hr'], attributes: {} },
    sources: { hr: testSource('hr') },
    identityProviders: {},
    applications: {},
    targets: {},
    policy: { attributes, roles: {}, entitlements: {}, birthright: [], groups: [], lifecycle: [], separation: [], ...policy },
    applyPolicy: 'at-start',
    mail: null,
    webhooks: {},
    session: { lifetime: 3_600_000, idle: 3_600_000 },
    ...more,
  };
}

/** A source of employees with authority, whose records name nobody by a key. */
export function testSource(name: string, more: Partial<SourceSettings> = {}): SourceSettings {
  const title = name === 'hr' ? 'HR' : name;
  return { name, title, authoritative: true, mayCreate: true, userType: 'employee', trustedEmailDomains: [], correlate: [], ...more };
}

/** A provider of contractors' logins that states nothing but the subject. */
export function testProvider(name: string, more: Partial<OidcProviderSettings> = {}): OidcProviderSettings {
  return {
    name,
    title: name,
    protocol: 'oidc',
    issuer: `https://${name}.example`,
    clientId: 'c',
    clientSecret: null,
    scopes: ['openid'],
    userType: 'contractor',
    mayCreate: true,
    trustedEmailDomains: [],
    emailVerified: null,
    attributes: {},
    groups: null,
    absentGroups: 'keep',
    absentAttributes: 'keep',
    userInfo: 'when-needed',
    correlate: [],
    ...more,
  };
}

/** An application `crm` that nobody can reach: tests replace its connector. */
export function crmTarget(more: Partial<ScimTargetSettings> = {}): ScimTargetSettings {
  return {
    kind: 'scim',
    name: 'crm',
    title: 'CRM',
    url: 'https://crm.example',
    token: '',
    timeout: 1000,
    concurrency: 1,
    ratePerSecond: 1,
    confirmWithin: 60_000,
    attributes: {},
    ...more,
  };
}

/** Entitlements of a target, one for each of its values: `crm.buyer` for `buyer`. */
export function entitlementsOf(target: string, values: readonly string[]): PolicyDocument['entitlements'] {
  return Object.fromEntries(
    values.map((value) => {
      const name = `${target}.${value}`;
      return [name, { name, title: value, target, value }];
    }),
  );
}
