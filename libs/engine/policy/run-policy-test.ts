import type { Configuration, PolicyTest } from '@tenure/config';
import {
  checkFacts,
  decideAccess,
  type Facts,
  grantsAt,
  grantedUntil,
  type Instant,
  instantOf,
  type Policy,
  parseInstant,
  type SourceRecord,
} from '@tenure/domain';
import type { PersonToAsk } from '@tenure/store';
import { questionOf } from '../decide/question-of.ts';

/**
 * Decides about one person of a test file by the policy.
 * @returns differences from the expected result, one sentence each
 */
export function runPolicyTest(test: PolicyTest, policy: Policy, configuration: Configuration): string[] {
  const now = parseInstant(test.now);
  if (now === null) return [`now: "${test.now}" is no instant with a zone; write it like 2026-03-01T09:00:00Z`];
  const problems: string[] = [];
  const records = test.records.map((record, index) => toRecord(record, { index, now, userType: test.userType }, configuration, problems));
  const unknown = namesIn(test.expect).filter((name) => !(name in policy.document.roles) && !(name in policy.document.entitlements));
  problems.push(...unknown.map((name) => `expect: there is no role or entitlement ${name}`));
  if (problems.length > 0) return problems;
  const decision = decideAccess(questionOf(personOf(test, records, now), policy, configuration, now));
  const held = new Map(grantsAt(decision.grants, now).map((grant) => [grant.name, grant]));
  const { state, has = [], hasNot = [], exactly, until = {} } = test.expect;
  return [
    ...(state === undefined || state === decision.lifecycle.state ? [] : [`is ${decision.lifecycle.state}, not ${state}: ${decision.lifecycle.why}`]),
    ...[...has, ...(exactly ?? [])].filter((name) => !held.has(name)).map((name) => `does not have ${name}`),
    ...hasNot.filter((name) => held.has(name)).map((name) => `has ${name}, from ${originsOf(held.get(name))}`),
    ...(exactly === undefined
      ? []
      : [...held.keys()].filter((name) => !exactly.includes(name)).map((name) => `also has ${name}, from ${originsOf(held.get(name))}`)),
    ...Object.entries(until).flatMap(([name, end]) => {
      const grant = held.get(name);
      const actual = (grant && grantedUntil(grant, decision.identity, now)) ?? 'no end';
      return grant === undefined ? [`does not have ${name}`] : actual === (parseInstant(end) ?? end) ? [] : [`has ${name} until ${actual}, not ${end}`];
    }),
  ];
}

/** A person about whom nothing was ever decided. */
function personOf({ userType = 'employee' }: PolicyTest, records: readonly SourceRecord[], createdAt: Instant): PersonToAsk {
  const nothing = { activations: {}, endings: {}, idleSince: null, relationships: [], decidedAt: null };
  return {
    identity: { id: 'test', userName: 'test', userType, createdAt, state: 'pre-hire', ...nothing },
    records,
    requested: [],
    exceptions: [],
    grants: [],
    accounts: [],
    operations: [],
    suspensions: [],
    sponsorship: null,
  };
}

function namesIn({ has = [], hasNot = [], exactly = [], until = {} }: PolicyTest['expect']): string[] {
  return [...new Set([...has, ...hasNot, ...exactly, ...Object.keys(until)])];
}

function originsOf(grant: { readonly origins: readonly { readonly name: string }[] } | undefined): string {
  return grant?.origins.map(({ name }) => name).join(' and ') ?? '';
}

function toRecord(
  { source, status, endedAt, facts, groups }: PolicyTest['records'][number],
  { index, now, userType: said }: { readonly index: number; readonly now: string; readonly userType: PolicyTest['userType'] },
  configuration: Configuration,
  problems: string[],
): SourceRecord {
  const known = [...Object.keys(configuration.sources), ...Object.keys(configuration.identityProviders)];
  if (!known.includes(source)) problems.push(`records[${index}].source: there is no source or identity provider ${source}`);
  const checked: { facts: Facts; problems: readonly { attribute: string; message: string }[] } = checkFacts(facts ?? {}, configuration.attributes);
  problems.push(...checked.problems.map(({ attribute, message }) => `records[${index}].facts.${attribute}: ${message}`));
  const end = endedAt === undefined ? null : instantOf(endedAt, 'end', configuration.timeZone);
  if (endedAt !== undefined && end === null) problems.push(`records[${index}].endedAt: "${endedAt}" is no instant and no day`);
  const userType = configuration.sources[source]?.userType ?? configuration.identityProviders[source]?.userType;
  return {
    id: `record ${index + 1}`,
    source,
    externalId: String(index),
    facts: checked.facts,
    groups: groups ?? null,
    status: status ?? null,
    endedAt: status === 'ended' ? (end ?? now) : null,
    // The user type of the test counts, where no source states that they are there.
    userType: typeof userType === 'string' && (status !== undefined || said === undefined) ? userType : null,
    recordedAt: now,
  };
}
