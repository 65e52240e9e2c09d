import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { loadConfiguration } from '@tenure/config';
import { type AccessQuestion, compileMapping, compilePolicy, decideAccess, desiredAccounts, grantsAt, managedEntitlements, planChanges } from '@tenure/domain';
import { claimsOf, loginFiles } from '../login/login-files.ts';
import { percentile, type Row } from '../row.ts';
import type { Servers } from '../servers.ts';

const people = 20_000;
const now = '2026-03-01T12:00:00.000Z';

/** Measures evaluation and plan for one person, without any database. The floor is a copy of their input. */
export async function runCore(servers: Servers): Promise<readonly Row[]> {
  const files = loginFiles(join(servers.directory, 'metadata.xml'), 'http://127.0.0.1:9');
  const directory = await mkdtemp(join(servers.directory, 'core-'));
  await mkdir(join(directory, 'policy'));
  await writeFile(join(directory, 'tenure.yaml'), files.tenureYaml);
  await writeFile(join(directory, 'policy', 'access.yaml'), files.accessYaml);
  const configuration = await loadConfiguration({ directory, environment: { ...files.environment, TENURE_URL: 'http://127.0.0.1:4000' } });
  const policy = compilePolicy(configuration.policy, 1);
  const managed = managedEntitlements(configuration.policy);
  const mappings = Object.values(configuration.targets).map((target) => compileMapping(target, configuration.attributes));
  const questions = Array.from({ length: people }, (_, number) => questionAbout(number, configuration, policy));
  const evaluate = (question: AccessQuestion): unknown => decideAccess(question);
  const plan = (question: AccessQuestion): unknown => {
    const { identity, lifecycle, grants } = decideAccess(question);
    const desired = desiredAccounts({ identity, lifecycle, grants: grantsAt(grants, now), policy, mappings, existing: [], now });
    return planChanges({ desired, observed: {}, scopeOf: (target) => ({ managed: managed[target] ?? new Set() }) });
  };
  const { policy: _policy, ...plain } = questions[0] as AccessQuestion;
  const copy = (): unknown => structuredClone(plain);
  for (const work of [copy, evaluate, plan]) time(questions.slice(0, 3000), work);
  const floor = row('floor: the question copied once', time(questions, copy), null);
  return [
    floor,
    row('evaluation, one person', time(questions, evaluate), floor),
    row('evaluation and plan, one person, 3 targets', time(questions, plan), floor),
  ];
}

function questionAbout(
  number: number,
  { precedence, timeZone }: Awaited<ReturnType<typeof loadConfiguration>>,
  policy: AccessQuestion['policy'],
): AccessQuestion {
  const { contractEnd, ...facts } = claimsOf(number);
  return {
    id: `00000000-0000-0000-0000-${String(number).padStart(12, '0')}`,
    userName: `person${number}`,
    userType: 'contractor',
    createdAt: now,
    timeZone,
    precedence,
    authoritative: [],
    now,
    policy,
    memory: { activations: {}, endings: {} },
    exceptions: [],
    records: [
      {
        id: `record-${number}`,
        source: 'contoso',
        externalId: String(number),
        facts: { ...facts, endDate: contractEnd ?? null },
        groups: ['staff', 'everyone'],
        status: null,
        endedAt: null,
        userType: 'contractor',
        recordedAt: now,
      },
    ],
  };
}

/** Duration of each call in microseconds. */
function time<T>(all: readonly T[], work: (one: T) => unknown): readonly number[] {
  return all.map((one) => {
    const begun = performance.now();
    work(one);
    return (performance.now() - begun) * 1000;
  });
}

function row(name: string, times: readonly number[], floor: Row | null): Row {
  const p50 = percentile(times, 0.5);
  const perSecond = (times.length / times.reduce((sum, one) => sum + one, 0)) * 1e6;
  return {
    name,
    unit: 'µs',
    n: times.length,
    p50,
    p99: percentile(times, 0.99),
    perSecond,
    floor: floor?.name ?? null,
    ratio: floor?.p50 ? p50 / floor.p50 : null,
  };
}
