import {
  type AttributeSchema,
  BUILT_IN_ATTRIBUTES,
  checkExpression,
  didYouMean,
  durationToMilliseconds,
  EXTENSION_SOURCE,
  type ExpressionEnvironment,
  type ExpressionType,
  isTimeZone,
  OPERATOR_SOURCE,
  RETENTION,
  RETENTION_KINDS,
  TENURE_TARGET,
  whyNeverAdopting,
  whyNotHandled,
} from '@tenure/domain';
import { checkAddress, isLocal } from './check-address.ts';
import { checkApplication } from './check-application.ts';
import { checkCorrelation } from './check-correlation.ts';
import { checkDecryptionKey } from './check-decryption-key.ts';
import { checkNotifications } from './check-notifications.ts';
import { checkConnectedSystem } from './check-target.ts';
import { checkDormantAfter, checkQuietHours } from './reading-settings.ts';
import type { RawProvider, RawSource, RawTarget, RawTenure } from './raw-tenure.ts';
import type { LocatedProblem, Path } from './yaml-file.ts';

/** Sources of facts that are set in Tenure itself, with the mutation that sets them. */
const BUILT_IN_SOURCES = { [OPERATOR_SOURCE]: 'terminateNow', [EXTENSION_SOURCE]: 'extendContract' };

/** Longest clock skew, in milliseconds. A longer one would make an expired assertion valid again. */
const MOST_CLOCK_SKEW = 180_000;

/** Checks of tenure.yaml that its JSON Schema cannot make: references by name, CEL, addresses, durations. */
export function checkTenure(raw: RawTenure): LocatedProblem[] {
  return [
    ...checkAddress(['url'], raw.url, { protocols: ['http:', 'https:'], unused: ['user', 'query'] }),
    ...(raw.timeZone === undefined || isTimeZone(raw.timeZone)
      ? []
      : [{ path: ['timeZone'], message: `"${raw.timeZone}" is no time zone; write it like Europe/Berlin` }]),
    ...(['sources', 'identityProviders'] as const)
      .flatMap((section) => Object.entries(BUILT_IN_SOURCES).map(([name, what]) => ({ section, name, what })))
      .filter(({ section, name }) => Object.hasOwn(raw[section] ?? {}, name))
      .map(({ section, name, what }) => ({ path: [section, name], at: 'key' as const, message: `${name} is built in (${what}); choose another name` })),
    ...checkPrecedence(raw),
    ...Object.entries(raw.sources ?? {}).flatMap(([name, source]) => checkSource(['sources', name], source, raw)),
    ...Object.entries(raw.identityProviders ?? {}).flatMap(([name, provider]) => checkProvider(['identityProviders', name], name, provider, raw)),
    ...Object.entries(raw.applications ?? {}).flatMap(([name, application]) => checkApplication(['applications', name], name, application, raw)),
    ...Object.entries(raw.targets ?? {}).flatMap(([name, target]) => checkTarget(['targets', name], name, target, raw)),
    ...checkQuietHours(['reconciliation', 'quietHours'], raw.reconciliation?.quietHours),
    ...checkNotifications(raw),
    ...checkSession(raw.session),
    ...checkRetention(raw.retention),
  ];
}

/** Longest session, in milliseconds: NIST SP 800-63B allows at most thirty days between two logins (AAL1). */
const longestSession = 30 * 24 * 3_600_000;

function checkSession({ lifetime, idle }: RawTenure['session'] = {}): LocatedProblem[] {
  const problems = [...checkDuration(['session', 'lifetime'], lifetime), ...checkDuration(['session', 'idle'], idle)];
  if (problems.length > 0) return problems;
  const [longest, quiet] = [lifetime, idle].map((duration) => (duration === undefined ? null : durationToMilliseconds(duration)));
  if (longest != null && longest > longestSession)
    return [{ path: ['session', 'lifetime'], message: `"${lifetime}" is too long: a session lasts at most P30D` }];
  if (longest != null && quiet != null && quiet > longest)
    return [{ path: ['session', 'idle'], message: `"${idle}" is longer than session.lifetime ("${lifetime}")` }];
  return [];
}

/** Checks that evidence is kept for at least the minimum of its kind. */
function checkRetention(retention: RawTenure['retention'] = {}): LocatedProblem[] {
  return RETENTION_KINDS.flatMap((kind): LocatedProblem[] => {
    const path = ['retention', kind];
    const problems = checkDuration(path, retention[kind]);
    if (problems.length > 0 || retention[kind] === undefined) return problems;
    const { minimum, what } = RETENTION[kind];
    const isLongEnough = (durationToMilliseconds(retention[kind]) ?? 0) >= (durationToMilliseconds(minimum) ?? 0);
    return isLongEnough ? [] : [{ path, message: `"${retention[kind]}" is too short: ${what} are kept for ${minimum} at least` }];
  });
}

/** Names of sources and identity providers, to which records and precedence refer. */
export function sourceNames(raw: RawTenure): string[] {
  return [...Object.keys(raw.sources ?? {}), ...Object.keys(raw.identityProviders ?? {})];
}

function checkPrecedence(raw: RawTenure): LocatedProblem[] {
  const order = (path: Path, names: readonly string[]): LocatedProblem[] =>
    names.flatMap((name, index) => checkName([...path, index], name, sourceNames(raw), 'source or identity provider'));
  return [
    ...order(['precedence', 'default'], raw.precedence?.default ?? []),
    ...Object.entries(raw.precedence?.attributes ?? {}).flatMap(([attribute, names]) => {
      const path = ['precedence', 'attributes', attribute];
      return [...checkAttribute(path, attribute, raw, 'key'), ...('only' in names ? order([...path, 'only'], names.only) : order(path, names))];
    }),
  ];
}

function checkPerson(path: Path, person: RawSource | RawProvider, raw: RawTenure): LocatedProblem[] {
  const { userType } = person;
  return [
    ...(typeof userType === 'object' ? checkCel([...path, 'userType', 'cel'], userType.cel, 'string', 'assertion', raw) : []),
    ...checkCorrelation(path, person, raw),
    ...(person.trustedEmailDomains ?? []).flatMap((domain, index) =>
      /^[a-z0-9-]+(\.[a-z0-9-]+)+$/i.test(domain)
        ? []
        : [{ path: [...path, 'trustedEmailDomains', index], message: `"${domain}" is no domain; write it like contoso.example` }],
    ),
  ];
}

function checkSource(path: Path, source: RawSource, raw: RawTenure): LocatedProblem[] {
  return [
    ...checkPerson(path, source, raw),
    ...checkDuration([...path, 'expectEvery'], source.expectEvery),
    ...(source.attributes ?? []).flatMap((attribute, index) => checkAttribute([...path, 'attributes', index], attribute, raw)),
  ];
}

function checkProvider(path: Path, name: string, provider: RawProvider, raw: RawTenure): LocatedProblem[] {
  const isSaml = provider.protocol === 'saml';
  const skew = isSaml ? (durationToMilliseconds(provider.clockSkew ?? 'PT0S') ?? 0) : 0;
  return [
    ...(Object.hasOwn(raw.sources ?? {}, name) ? [{ path, at: 'key' as const, message: `${name} is the name of a source already` }] : []),
    ...checkPerson(path, provider, raw),
    ...Object.entries(provider.attributes ?? {}).flatMap(([attribute, source]) => [
      ...checkAttribute([...path, 'attributes', attribute], attribute, raw, 'key'),
      ...checkCel([...path, 'attributes', attribute], source, 'any', 'assertion', raw),
    ]),
    ...checkCel([...path, 'emailVerified'], provider.emailVerified, 'bool', 'assertion', raw),
    ...checkCel([...path, 'groups'], provider.groups, 'strings', 'assertion', raw),
    ...(isSaml ? checkDuration([...path, 'clockSkew'], provider.clockSkew) : checkIssuer([...path, 'issuer'], provider.issuer)),
    ...(isSaml ? checkMetadata([...path, 'metadata'], provider.metadata) : []),
    ...(isSaml ? checkDecryptionKey([...path, 'decryptionKey'], provider.decryptionKey) : []),
    ...(skew > MOST_CLOCK_SKEW ? [{ path: [...path, 'clockSkew'], message: 'is more than PT3M, which would make old assertions good again' }] : []),
  ];
}

/** Checks the address of an identity provider: https, or this machine, since its assertions decide who logs in and must not be altered in transit. */
function checkProviderAddress(path: Path, text: string, unused: readonly ('user' | 'query')[]): LocatedProblem[] {
  const found = checkAddress(path, text, { protocols: ['https:', 'http:'], unused });
  if (found.length > 0 || text.toLowerCase().startsWith('https:') || isLocal(text)) return found;
  return [{ path, message: 'must be an https address (http only on this machine): what it says decides who somebody is' }];
}

function checkIssuer(path: Path, issuer: string): LocatedProblem[] {
  const found = checkProviderAddress(path, issuer, ['user', 'query']);
  if (found.length > 0 || !issuer.includes('/.well-known/')) return found;
  return [{ path, message: 'is the issuer itself, without /.well-known/ and what follows: Tenure finds the discovery document from there' }];
}

/** Checks SAML metadata given as a URL. A text without a scheme is a file path. */
function checkMetadata(path: Path, metadata: string): LocatedProblem[] {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(metadata) ? checkProviderAddress(path, metadata, ['user']) : [];
}

function checkTarget(path: Path, name: string, target: RawTarget, raw: RawTenure): LocatedProblem[] {
  return [
    ...(name === TENURE_TARGET ? [{ path, at: 'key' as const, message: `${name} is built in; choose another name` }] : []),
    ...checkConnectedSystem(path, target),
    ...Object.entries(target.attributes ?? {}).flatMap(([attribute, source]) => {
      const at = [...path, 'attributes', attribute];
      return typeof source === 'string' ? checkCel(at, source, 'any', 'identity', raw) : checkCel([...at, 'value'], source.value, 'any', 'identity', raw);
    }),
    ...checkAdoption(path, target, raw),
    ...checkDuration([...path, 'timeout'], target.timeout),
    ...checkDuration([...path, 'confirmWithin'], target.confirmWithin),
    ...checkReconciliation([...path, 'reconciliation', 'every'], target.reconciliation?.every),
    ...checkQuietHours([...path, 'reconciliation', 'quietHours'], target.reconciliation?.quietHours),
    ...checkDormantAfter([...path, 'reconciliation', 'dormantAfter'], target.reconciliation ?? {}, target.lastActivity),
    ...checkDuration([...path, 'reconciliation', 'grace'], target.reconciliation?.grace),
    ...checkHandlings([...path, 'reconciliation', 'findings'], target),
  ];
}

/**
 * Checks the interval of reconciliation. A run that is due while another is active is left out, so shorter intervals would read targets without
 * a pause.
 */
function checkReconciliation(path: Path, every: string | undefined): LocatedProblem[] {
  if (every === undefined || every === 'never') return [];
  const length = durationToMilliseconds(every);
  if (length !== null && length >= 900_000) return [];
  return [{ path, message: `"${every}" is neither a duration of at least PT15M, such as P1D, nor the word never` }];
}

/** Checks that each kind of finding can be handled in the way that is configured. */
function checkHandlings(path: Path, { reconciliation, adoptBy }: RawTarget): LocatedProblem[] {
  return Object.entries(reconciliation?.findings ?? {}).flatMap(([kind, handling]): LocatedProblem[] => {
    const message =
      whyNotHandled(kind, handling) ??
      (handling === 'adopt' && adoptBy === undefined ? 'nothing is adopted without adoptBy: name the attribute by which accounts are recognized' : null);
    return message === null ? [] : [{ path: [...path, kind], message }];
  });
}

/** Checks `adoptBy`: an account is adopted by the value of an attribute that Tenure writes and the target returns. */
function checkAdoption(path: Path, { adoptBy, attributes = {} }: RawTarget, raw: RawTenure): LocatedProblem[] {
  if (adoptBy === undefined) return [];
  const at = [...path, 'adoptBy'];
  const by = attributes !== null && Object.hasOwn(attributes, adoptBy) ? attributes[adoptBy] : undefined;
  if (by === undefined) return checkName(at, adoptBy, Object.keys(attributes ?? {}), 'attribute that is written there');
  if (typeof by === 'object' && by.writeOnly === true)
    return [{ path: at, message: `${adoptBy} is writeOnly: the target never shows it, so no account can be found by it; name another attribute` }];
  const why = whyNeverAdopting(typeof by === 'string' ? by : by.value, schemaOf(raw));
  return why === null ? [] : [{ path: at, message: `${adoptBy} ${why}; name another attribute` }];
}

function checkAttribute(path: Path, name: string, raw: RawTenure, at?: 'key'): LocatedProblem[] {
  return checkName(path, name, Object.keys(raw.attributes ?? {}), 'attribute').map((problem) => (at === undefined ? problem : { ...problem, at }));
}

function checkName(path: Path, name: string, valid: readonly string[], kind: string): LocatedProblem[] {
  return valid.includes(name) ? [] : [{ path, message: `there is no ${kind} ${name}${didYouMean(name, valid)}` }];
}

function checkCel(path: Path, source: string | undefined, type: ExpressionType, environment: ExpressionEnvironment, raw: RawTenure): LocatedProblem[] {
  const message = source === undefined ? null : checkExpression(source, type, environment, schemaOf(raw));
  return message === null ? [] : [{ path, message }];
}

function schemaOf(raw: RawTenure): AttributeSchema {
  return Object.fromEntries(Object.entries(raw.attributes ?? {}).filter(([name]) => !Object.hasOwn(BUILT_IN_ATTRIBUTES, name)));
}

function checkDuration(path: Path, duration: string | undefined): LocatedProblem[] {
  const length = duration === undefined ? null : durationToMilliseconds(duration);
  if (duration === undefined || (length !== null && length > 0)) return [];
  return [{ path, message: `"${duration}" is no duration in weeks, days, hours, minutes and seconds; write it like PT5S or P1D` }];
}
