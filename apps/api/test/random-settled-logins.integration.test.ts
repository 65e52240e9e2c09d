import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { resumeProvisioning, suspendProvisioning } from '@tenure/engine/suspensions';
import { correctRecord, withdrawRecord, takeRecord } from '@tenure/engine/intake';
import { withdrawTermination, terminate } from '@tenure/engine/leavers';
import type { Configuration } from '@tenure/config';
import { type Claims, DomainError, type Facts } from '@tenure/domain';
import { exampleCase } from '@tenure/domain/testing';
import fc from 'fast-check';
import { createTestApi, later, type TestApi } from './api.ts';
import { comparable, loginsOf, putBack, rowsOf } from './testing-settled-logins.ts';
import { putInForce } from '@tenure/engine/policy';

/**
 * Random histories of people whom sources report, providers assert, and operators end, suspend and correct, under policies and configurations that
 * change, with dates that pass. Each login that is accepted without a decision is rolled back and repeated with one: all stored rows of the person
 * have to be the same.
 */
const runs = Number(process.env['SETTLED_RUNS'] ?? 40);

const tenureYaml = `
url: http://localhost:4000
timeZone: Europe/Berlin
attributes: { number: { type: string }, department: { type: string }, title: { type: string }, zone: { type: string }, endDate: { type: date }, until: { type: instant }, skills: { type: strings }, sponsor: { type: string } }
precedence: { default: [hr, one, two], attributes: { title: [two, hr, one] } }
sources:
  hr: { authoritative: true, mayCreate: true, userType: employee, correlate: [{ attribute: number, forLife: true }] }
  notes: { correlate: [{ attribute: number, forLife: true }] }
identityProviders:
${['one', 'two']
  .map(
    (name) => `
  ${name}:
    protocol: oidc
    issuer: https://${name}.example
    clientId: tenure
    mayCreate: true
    mayLink: [privileged, bound]
    userType: { cel: claims.kind }
    absentGroups: ${name === 'one' ? 'none' : 'keep'}
    absentAttributes: ${name === 'one' ? 'none' : 'keep'}
    groups: claims.groups
    attributes: { number: claims.number, title: claims.title, skills: claims.skills, until: claims.until }
    correlate: [{ attribute: number, forLife: true }]`,
  )
  .join('')}
targets:
  crm: { kind: scim, url: "http://127.0.0.1:9/scim", token: "\${env:CRM_TOKEN}", attributes: { displayName: identity.title } }
`;
const accessYaml = (inactivity: string) => `
entitlements:
  crm.user: { target: crm, value: users }
  crm.finance: { target: crm, value: finance }
  crm.audit: { target: crm, value: audit }
  tenure.operator: { target: tenure, value: operator }
birthright:
  - { name: sales, when: 'identity.department == "Sales"', entitlements: [crm.user] }
  - { name: titled, when: 'identity.title == "Clerk"', entitlements: [crm.finance], until: identity.until, grace: P2D }
  - { name: skilled, when: 'identity.skills.exists(s, s == "audit")', entitlements: [crm.audit] }
  - { name: operators, when: 'identity.department == "Operations"', entitlements: [tenure.operator] }
  - { name: staff, when: '"staff" in identity.groups', entitlements: [crm.audit] }
  - { name: season, when: 'now >= timestamp("2026-03-04T10:00:00Z") && now < timestamp("2026-03-09T00:00:00Z") && identity.userType == "employee"', entitlements: [crm.finance] }
separation:
  - { name: money, conflicting: [[crm.finance], [crm.audit]] }
lifecycle:
  - { name: all, ${inactivity} end: { grace: P3D, then: keep } }
`;

let api: TestApi;
let policies: readonly Configuration[] = [];
let others: readonly Configuration[] = [];
let play: ReturnType<typeof loginsOf>;
beforeAll(async () => {
  api = await createTestApi({ tenureYaml, accessYaml: accessYaml('') });
  play = loginsOf(api);
  const watched = await loadOther(accessYaml('inactivity: { warn: P4D, disable: P6D, reactivate: login },'));
  policies = [api.configuration, watched];
  others = [api.configuration, { ...api.configuration, timeZone: 'America/New_York' }];
});
afterAll(() => api?.stop());

async function loadOther(access: string): Promise<Configuration> {
  const other = await createTestApi({ tenureYaml, accessYaml: access });
  await other.stop();
  return other.configuration;
}

const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined, freq: 3 });
const claims = fc.record({
  title: maybe(fc.constantFrom('Clerk', 'Head')),
  skills: maybe(fc.constantFrom([], ['audit'])),
  groups: maybe(fc.constantFrom([], ['staff'], ['staff', 'more'])),
  kind: maybe(fc.constantFrom('employee', 'contractor')),
  until: maybe(fc.constantFrom('2026-03-03T09:00:00Z', '2026-03-20T09:00:00Z')),
});
const days = fc.constantFrom('2026-03-02', '2026-03-05', '2026-04-30', null);
const human = fc.nat(1);
const step = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.record({
      kind: fc.constant('login' as const),
      human,
      provider: fc.constantFrom('one', 'one', 'one', 'two'),
      isCompared: fc.boolean(),
      times: fc.integer({ min: 1, max: 4 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('claims' as const), human, claims }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('record' as const),
      human,
      source: fc.constantFrom('hr', 'hr', 'notes'),
      department: fc.constantFrom('Sales', 'Sales', 'Operations', null),
      endDate: days,
      status: fc.constantFrom('active', 'active', 'active', 'active', 'active', 'active', 'ended'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('same record' as const), human }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('time' as const), hours: fc.constantFrom(0.01, 1, 9, 26, 100) }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('confirmed' as const), human }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('terminate' as const, 'lift' as const, 'hold' as const, 'resume' as const, 'case' as const), human }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('correct' as const, 'withdraw' as const, 'requested' as const, 'grant changed' as const), human }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('policy' as const, 'configuration' as const), which: fc.nat(1) }) },
);

let run = 0;
test('a login that is let in without a decision leaves what a decision would', async () => {
  const came: Record<string, number> = {};
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(claims, { minLength: 2, maxLength: 2 }), fc.array(step, { minLength: 8, maxLength: 28 }), async (first, steps) => {
      run += 1;
      const said = [...first];
      let [version, configuration] = [0, api.configuration];
      let lastRecord: { human: number; source: string; facts: Facts; status: 'active' | 'ended' } | null = null;
      api.now = later('2026-03-01T12:00:00.000Z', run * 0.0001);
      const numberOf = (whose: number): string => `N-${run}-${whose}`;
      const personOf = async (whose: number): Promise<string | null> => {
        const [row] = await api.database.execute(`select identity_id from source_record where facts->>'number' = ? and identity_id is not null limit 1`, [
          numberOf(whose),
        ]);
        return (row?.['identity_id'] as string | undefined) ?? null;
      };
      const act = async (work: Parameters<typeof api.store.transaction>[1]): Promise<void> => {
        // A change that does not fit the person's state is refused, and has no effect.
        await api.store.transaction({ ...play.context(), actor: { kind: 'system', id: 'operator' } }, work).catch((error: unknown) => {
          if (!(error instanceof DomainError)) throw error;
        });
      };
      const logIn = async (whose: number, provider: string) => {
        const claimed = { number: numberOf(whose), ...said[whose] } as Claims;
        return play.logIn(
          provider,
          `s-${run}-${whose}`,
          Object.fromEntries(Object.entries(claimed).filter(([, value]) => value !== undefined)),
          {},
          configuration,
        );
      };
      const compare = async (whose: number, provider: string): Promise<void> => {
        const [bound] = await api.database.execute('select identity_id from login_subject where subject = ? and provider = ?', [`s-${run}-${whose}`, provider]);
        const id = (bound?.['identity_id'] as string | undefined) ?? null;
        const before = id === null ? null : await rowsOf(api.database, id);
        const result = await logIn(whose, provider);
        came[result] = (came[result] ?? 0) + 1;
        if (result !== 'repeated' || id === null || before === null) return;
        const repeated = comparable(await rowsOf(api.database, id), before);
        await putBack(api.database, id, before);
        expect(await logIn(whose, provider)).toBe('decided');
        const audited = await rowsOf(api.database, id);
        const known = new Set(repeated['audit_event']);
        expect(known.size).toBe(1);
        // Of the audit, the event of the first time stays.
        const decided = comparable(audited, before);
        expect({ ...decided, audit_event: [...new Set(decided['audit_event'])] }).toEqual(repeated);
        compared += 1;
      };

      for (const one of steps) {
        api.now = later(api.now, 0.001);
        version += 1;
        const id = 'human' in one ? await personOf(one.human) : null;
        if (one.kind === 'time') api.now = later(api.now, one.hours);
        else if (one.kind === 'login') {
          for (let time = 1; time <= one.times; time += 1) {
            api.now = later(api.now, 0.001);
            if (one.isCompared) await compare(one.human, one.provider);
            else {
              const result = await logIn(one.human, one.provider);
              came[result] = (came[result] ?? 0) + 1;
            }
          }
        } else if (one.kind === 'claims') said[one.human] = one.claims;
        else if (one.kind === 'record') {
          const facts = { number: numberOf(one.human), department: one.department, endDate: one.endDate };
          const status = one.source === 'hr' ? (one.status as 'active' | 'ended') : null;
          if (one.source === 'hr') lastRecord = { human: one.human, source: one.source, facts, status: status ?? 'active' };
          await act((tx) =>
            takeRecord(tx, api.engine, { source: one.source, externalId: numberOf(one.human), version: String(version), facts, status, endedAt: null }),
          );
        } else if (one.kind === 'same record') {
          if (lastRecord === null) continue;
          const { human: whose, ...record } = lastRecord;
          await act((tx) => takeRecord(tx, api.engine, { ...record, externalId: numberOf(whose), version: String(version), endedAt: null }));
        } else if (one.kind === 'policy') {
          const { policy } = policies[one.which] ?? api.configuration;
          const digest = createHash('sha256').update(`${run} ${version}`).digest('hex');
          await act((tx) => putInForce(tx, policy, digest));
        } else if (one.kind === 'configuration') configuration = others[one.which] ?? api.configuration;
        else if (id !== null) {
          const records = await api.store.read((tx) => tx.identities.recordsOf(id));
          const judged = (record: { id: string; version: string } | undefined) => ({
            recordId: record?.id ?? '00000000-0000-0000-0000-000000000000',
            version: record?.version ?? '',
            reason: 'r',
            by: { id: 'o', isAdmin: true },
          });
          const hold = { identityId: id, target: null, operationId: null, until: later(api.now, 30), keepsAccess: false, reason: 'r' };
          if (one.kind === 'confirmed') {
            await api.database.execute(`update operation set status = 'done', finished_at = now() where identity_id = ? and status <> 'done'`, [id]);
            await api.database.execute('update account set confirmed_at = desired_since, existed = true where identity_id = ?', [id]);
          } else if (one.kind === 'terminate') await act((tx) => terminate(tx, api.engine, id, 'r'));
          else if (one.kind === 'lift') await act((tx) => withdrawTermination(tx, api.engine, id, 'r'));
          else if (one.kind === 'hold') await act((tx) => suspendProvisioning(tx, api.engine, hold));
          else if (one.kind === 'resume') {
            const [open] = await api.database.execute('select id from hold where identity_id = ? and ended_at is null limit 1', [id]);
            if (open !== undefined) await act((tx) => resumeProvisioning(tx, api.engine, String(open['id']), 'r'));
          } else if (one.kind === 'case') {
            const wanted = { ...exampleCase('target-refuses'), key: `k/${run}/${version}`, identityId: id, target: 'crm', operationId: null } as const;
            await act((tx) => tx.cases.open(wanted, api.now));
          } else if (one.kind === 'correct') {
            const correction = { facts: { department: 'Sales' }, status: null, end: { endedAt: null, endedOn: null }, version: null };
            await act((tx) => correctRecord(tx, api.engine, judged(records.find(({ source }) => source === 'hr')), correction));
          } else if (one.kind === 'withdraw') await act((tx) => withdrawRecord(tx, api.engine, judged(records.at(version % Math.max(1, records.length)))));
          else if (one.kind === 'requested') await requested(id);
          else
            await api.database.execute(`update access_grant set valid_until = ?::timestamptz where identity_id = ? and ended_at is null`, [
              later(api.now, 2),
              id,
            ]);
        }
      }
    }),
    { numRuns: runs, endOnFailure: false },
  );
  process.stderr.write(`[settled logins] ${compared} compared; ${JSON.stringify(came)}\n`);
  expect(compared).toBeGreaterThan(0);
  expect(came['decided']).toBeGreaterThan(0);
}, 600_000);

/** An approved item, as a request leaves it, that nobody has decided about yet. */
async function requested(identityId: string): Promise<void> {
  const [request] = await api.database.execute(
    `insert into access_request (id, identity_id, requested_by, justification, status, correlation_id, created_at)
     values (gen_random_uuid(), ?, ?, '', 'closed', '', ?) returning id`,
    [identityId, identityId, api.now],
  );
  await api.database.execute(
    `insert into request_item (id, request_id, position, identity_id, kind, name, rule, policy_version, duration, exceptions, stages, status, stage, level, decided_at, valid_from, valid_until)
     values (gen_random_uuid(), ?, 0, ?, 'entitlement', 'crm.audit', 'r', 1, 'P2D', '[]', '[]', 'approved', 0, 0, ?, ?, ?)`,
    [request?.['id'], identityId, api.now, api.now, later(api.now, 40)],
  );
}
