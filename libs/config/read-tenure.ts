import { isAbsolute, resolve } from 'node:path';
import {
  type AttributeRule,
  durationToMilliseconds,
  type FindingHandlings,
  NOTIFICATION_KINDS,
  type Precedence,
  RETENTION,
  RETENTION_KINDS,
  type Retention,
} from '@tenure/domain';
import type { Configuration, LoginRate, MailSettings, ProviderSettings, SourceSettings, TargetSettings } from './configuration.ts';
import { readApplication } from './read-application.ts';
import { readReading } from './reading-settings.ts';
import type { RawAccountAttribute, RawMail, RawProvider, RawSource, RawTarget, RawTenure } from './raw-tenure.ts';

/** Everything in a configuration but its policy. */
export type TenureSettings = Omit<Configuration, 'policy'>;

/**
 * Settings from a tenure.yaml that conforms to its schema, with all defaults filled in.
 * @param directory folder, absolute, to which file paths in the settings are relative
 */
export function readTenure(raw: RawTenure, directory: string): TenureSettings {
  return {
    directory,
    url: raw.url.replace(/(?<!\/)\/+$/, ''),
    timeZone: raw.timeZone ?? 'UTC',
    attributes: raw.attributes ?? {},
    precedence: readPrecedence(raw),
    sources: eachNamed(raw.sources, readSource),
    identityProviders: eachNamed(raw.identityProviders, (name, provider) => readProvider(name, provider, directory)),
    targets: eachNamed(raw.targets, (name, target) => readTarget(name, target, raw, directory)),
    applications: eachNamed(raw.applications, (name, application) => readApplication(name, application, directory)),
    applyPolicy: raw.applyPolicy ?? 'at-start',
    mail: raw.mail === undefined ? null : readMail(raw.mail),
    webhooks: eachNamed(raw.webhooks, (name, webhook) => ({ ...webhook, name, events: webhook.events ?? NOTIFICATION_KINDS })),
    audit: { anchorTo: raw.audit?.anchorTo ?? null },
    session: readSession(raw.session),
    loginRate: { ...LOGIN_RATE, ...raw.loginRate },
    retention: readRetention(raw.retention),
  };
}

/** Default rate limits: a whole office behind one address may log in at nine o'clock, and one person needs a few logins. */
export const LOGIN_RATE: LoginRate = { perAddress: 600, perSubject: 10 };

/** Returns the precedence, with the attributes that each source may state: its list, or those to which its claims are mapped. */
function readPrecedence({ precedence, sources, identityProviders }: RawTenure): Precedence {
  const orders = Object.entries(precedence?.attributes ?? {});
  const limited = Object.entries(sources ?? {}).flatMap(([name, source]) => (source?.attributes === undefined ? [] : [[name, source.attributes] as const]));
  const mapped = Object.entries(identityProviders ?? {}).map(([name, { attributes }]) => [name, Object.keys(attributes ?? {})] as const);
  return {
    default: precedence?.default ?? [],
    attributes: Object.fromEntries(orders.map(([name, order]) => [name, 'only' in order ? order.only : order])),
    exclusive: orders.flatMap(([name, order]) => ('only' in order ? [name] : [])),
    mayState: Object.fromEntries([...limited, ...mapped]),
  };
}

function readSession({ lifetime, idle }: RawTenure['session'] = {}): Configuration['session'] {
  const longest = milliseconds(lifetime, 'PT8H');
  return { lifetime: longest, idle: Math.min(milliseconds(idle, 'PT1H'), longest) };
}

/** Returns the retention, with the default for each kind that is absent. */
export function readRetention(raw: RawTenure['retention'] = {}): Retention {
  return Object.fromEntries(RETENTION_KINDS.map((kind) => [kind, milliseconds(raw[kind], RETENTION[kind].default)])) as Retention;
}

function eachNamed<Raw, Settings>(
  raw: Readonly<Record<string, Raw>> | null | undefined,
  read: (name: string, item: Raw) => Settings,
): Readonly<Record<string, Settings>> {
  return Object.fromEntries(Object.entries(raw ?? {}).map(([name, item]) => [name, read(name, item)]));
}

/** Returns 0 for a duration that cannot be parsed, which is reported elsewhere. */
function milliseconds(duration: string | undefined, otherwise: string): number {
  return durationToMilliseconds(duration ?? otherwise) ?? 0;
}

function readPerson(name: string, raw: RawSource | RawProvider): Omit<SourceSettings, 'authoritative' | 'attributes' | 'expectEvery'> {
  return {
    name,
    title: raw.title ?? name,
    userType: raw.userType ?? 'employee',
    mayCreate: raw.mayCreate ?? false,
    trustedEmailDomains: (raw.trustedEmailDomains ?? []).map((domain) => domain.toLowerCase()),
    correlate: raw.correlate ?? [],
  };
}

function readSource(name: string, raw: RawSource): SourceSettings {
  return {
    ...readPerson(name, raw),
    authoritative: raw.authoritative ?? false,
    ...(raw.attributes === undefined ? {} : { attributes: raw.attributes }),
    ...(raw.expectEvery === undefined ? {} : { expectEvery: milliseconds(raw.expectEvery, 'P1D') }),
  };
}

function readProvider(name: string, raw: RawProvider, directory: string): ProviderSettings {
  const base = {
    ...readPerson(name, raw),
    emailVerified: raw.emailVerified ?? null,
    attributes: raw.attributes ?? {},
    groups: raw.groups ?? null,
    absentGroups: raw.absentGroups ?? 'keep',
    absentAttributes: raw.absentAttributes ?? 'keep',
    mayLink: raw.mayLink ?? [],
    linkTo: raw.linkTo ?? ('anyone' as const),
  };
  if (raw.protocol === 'saml') {
    const metadata = /^https?:\/\//.test(raw.metadata) ? raw.metadata : absolute(raw.metadata, directory);
    const { allowIdpInitiated = false, signed = 'assertion', decryptionKey = null } = raw;
    return { ...base, protocol: 'saml', metadata, allowIdpInitiated, signed, decryptionKey, clockSkew: milliseconds(raw.clockSkew, 'PT30S') };
  }
  const { issuer, clientId, clientSecret = null, scopes = ['openid', 'profile', 'email'], userInfo = 'when-needed' } = raw;
  return { ...base, protocol: 'oidc', issuer, clientId, clientSecret, scopes, userInfo };
}

function absolute(file: string, directory: string): string {
  return isAbsolute(file) ? file : resolve(directory, file);
}

function readTarget(name: string, raw: RawTarget, tenure: RawTenure, directory: string): TargetSettings {
  const base = {
    name,
    title: raw.title ?? name,
    url: raw.url,
    timeout: milliseconds(raw.timeout, 'PT10S'),
    concurrency: raw.concurrency ?? 5,
    ratePerSecond: raw.ratePerSecond ?? 20,
    confirmWithin: milliseconds(raw.confirmWithin, 'PT15M'),
    ...(raw.mode === undefined ? {} : { mode: raw.mode }),
    ...readReconciliation(raw, tenure),
    ...readAttributes(raw.attributes ?? {}),
    ...(raw.adoptBy === undefined ? {} : { adoptBy: raw.adoptBy }),
    ...(raw.cleartext === undefined ? {} : { cleartext: raw.cleartext.trim() }),
    ...(raw.lastActivity === undefined ? {} : { lastActivity: raw.lastActivity }),
  };
  switch (raw.kind) {
    case 'scim':
      return { ...base, kind: 'scim', token: raw.token, caFile: caFile(raw, directory) };
    case 'ldap': {
      const { bindDn, password, groups, disable, idAttribute = 'uid', externalIdAttribute = null, lookBelow = null } = raw;
      const tls = raw.tls ?? (raw.url.startsWith('ldaps:') ? 'ldaps' : 'starttls');
      const people = [raw.people].flat();
      const createBelow = raw.createBelow ?? people[0] ?? '';
      const branches = { people, createBelow, lookBelow, groups };
      return { ...base, kind: 'ldap', bindDn, password, tls, caFile: caFile(raw, directory), ...branches, idAttribute, externalIdAttribute, disable };
    }
    case 'sql':
      return { ...base, kind: 'sql', tls: raw.tls ?? 'verify-full', caFile: caFile(raw, directory), statements: raw.statements };
  }
}

function readReconciliation({ reconciliation }: RawTarget, { reconciliation: ofAll, timeZone }: RawTenure): Pick<TargetSettings, 'reconciliation'> {
  if (reconciliation == null && ofAll == null) return {};
  const { every, protectedAccounts, findings, grace } = reconciliation ?? {};
  const interval = every === undefined ? {} : { every: every === 'never' ? null : milliseconds(every, every) };
  return {
    reconciliation: {
      ...interval,
      ...readReading(reconciliation ?? {}, ofAll ?? {}, timeZone ?? 'UTC'),
      ...(protectedAccounts === undefined ? {} : { protectedAccounts }),
      ...(findings == null ? {} : { findings: findings as FindingHandlings }),
      ...(grace === undefined ? {} : { grace: milliseconds(grace, grace) }),
    },
  };
}

function readAttributes(raw: Readonly<Record<string, RawAccountAttribute>>): Pick<TargetSettings, 'attributes' | 'rules'> {
  const rules = Object.entries(raw).flatMap(([name, attribute]): [string, AttributeRule][] => {
    if (typeof attribute === 'string') return [];
    const { compare, writeOnly = false } = attribute;
    return compare === undefined && !writeOnly ? [] : [[name, { ...(compare === undefined ? {} : { compare }), ...(writeOnly ? { writeOnly } : {}) }]];
  });
  return {
    attributes: Object.fromEntries(Object.entries(raw).map(([name, attribute]) => [name, typeof attribute === 'string' ? attribute : attribute.value])),
    ...(rules.length === 0 ? {} : { rules: Object.fromEntries(rules) }),
  };
}

function readMail({ url, password, from, replyTo, language, decideByLink, digest }: RawMail): MailSettings {
  return {
    url,
    password: password ?? null,
    from,
    replyTo: replyTo ?? null,
    language: language ?? 'en',
    decideByLink: decideByLink ?? 'logged-in',
    digest: { at: digest?.at ?? '08:00', above: digest?.above ?? null },
  };
}

function caFile(raw: { readonly caFile?: string }, directory: string): string | null {
  return raw.caFile === undefined ? null : absolute(raw.caFile, directory);
}
