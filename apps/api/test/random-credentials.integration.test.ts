import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { EXPIRING_ROWS } from '@tenure/store';
import fc from 'fast-check';
import { createAuthenticate } from '@tenure/engine/callers';
import { createTestApi, type TestApi } from './api.ts';

/** Random trees of sessions and tokens, compared with a simple model of them. */
const runs = Number(process.env['CREDENTIALS_RUNS'] ?? 12);

let api: TestApi;
let run = 0;
let address = 0;

beforeAll(async () => {
  api = await createTestApi();
});
afterAll(() => api?.stop());

const minute = 60_000;
const hour = 60 * minute;
const people = 3;
const allRoles = ['admin', 'operator', 'auditor', 'source:hr'] as const;
const departments = ['Admin', 'Admin', 'Operator', 'Auditor', 'Sales'] as const;

type Step =
  | { readonly kind: 'login'; readonly person: number; readonly hours: number; readonly idleMinutes: number }
  | { readonly kind: 'machine'; readonly roles: readonly string[]; readonly hours: number }
  | { readonly kind: 'token'; readonly maker: number; readonly roles: readonly string[]; readonly hours: number }
  | { readonly kind: 'end'; readonly which: number }
  | { readonly kind: 'everywhere'; readonly person: number }
  | { readonly kind: 'says'; readonly person: number; readonly department: (typeof departments)[number]; readonly status: 'active' | 'ended' }
  | { readonly kind: 'use'; readonly which: number }
  | { readonly kind: 'sweep' }
  | { readonly kind: 'time'; readonly minutes: number };

const roles = fc.uniqueArray(fc.constantFrom(...allRoles), { minLength: 1 });
const life = fc.constantFrom(1, 12, 24, 25, 24 * 30, 24 * 365);
const person = fc.nat(people - 1);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('login' as const), person, hours: fc.constantFrom(1, 8, 48), idleMinutes: fc.constantFrom(10, 60, 600) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('machine' as const), roles, hours: life }) },
  { weight: 9, arbitrary: fc.record({ kind: fc.constant('token' as const), maker: fc.nat(30), roles, hours: life }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('end' as const), which: fc.nat(30) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('everywhere' as const), person }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('says' as const),
      person,
      department: fc.constantFrom(...departments),
      status: fc.constantFrom('active' as const, 'active' as const, 'active' as const, 'ended' as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('use' as const), which: fc.nat(30) }) },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'sweep' }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('time' as const), minutes: fc.constantFrom(1, 9, 55, 11 * 60, 25 * 60, 9 * 24 * 60) }) },
);

interface Person {
  readonly id: string;
  department: string;
  isThere: boolean;
  version: number;
}

/** Model of a credential. */
interface Noted {
  readonly token: string;
  readonly kind: 'session' | 'token';
  readonly person: Person | null;
  readonly parent: Noted | null;
  readonly roles: readonly string[];
  readonly expiresAt: number;
  readonly idle: number | null;
  usedAt: number | null;
  isEnded: boolean;
}

const nowIs = (): number => Date.parse(api.now);
const instant = (at: number): string => new Date(at).toISOString();

const heldBy = ({ department }: Person): readonly string[] => (department === 'Sales' ? [] : [department.toLowerCase()]);

/** Roles that a credential opens now, by the model. */
function opened(noted: Noted): readonly string[] | null {
  const isOver = noted.isEnded || noted.expiresAt <= nowIs() || (noted.idle !== null && (noted.usedAt ?? 0) + noted.idle <= nowIs());
  if (isOver || noted.person?.isThere === false) return null;
  const own = noted.person === null ? null : heldBy(noted.person);
  if (noted.kind === 'session') return ['self', ...(own ?? [])].sort();
  const held = noted.parent === null ? own : opened(noted.parent);
  if (noted.parent !== null && held === null) return null;
  const cut = held === null || held.includes('admin') ? noted.roles : noted.roles.filter((role) => held.includes(role));
  return cut.length === 0 ? null : [...cut].sort();
}

function used(noted: Noted): void {
  if (opened(noted) !== null && (noted.usedAt === null || nowIs() - noted.usedAt >= minute)) noted.usedAt = nowIs();
}

function endWith(all: readonly Noted[], isRoot: (noted: Noted) => boolean): void {
  for (const noted of all) if (isRoot(noted) || noted.parent?.isEnded) noted.isEnded = true;
}

const act = <T>(work: Parameters<TestApi['store']['transaction']>[1]): Promise<T> =>
  api.store.transaction({ actor: { kind: 'system', id: 'test' }, correlationId: 'test', now: api.now }, work) as Promise<T>;

/** Sends a query, from another address each time, since tokens are handed out at a limited rate. */
async function send(token: string, query: string, variables: object): Promise<{ data: Record<string, unknown> | null; code: string | null }> {
  address += 1;
  const response = await api.app.inject({
    method: 'POST',
    url: '/graphql',
    remoteAddress: `10.0.${Math.floor(address / 250) % 250}.${(address % 250) + 1}`,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    payload: JSON.stringify({ query, variables }),
  });
  const body = response.json<{ data?: Record<string, unknown>; errors?: { extensions: { code: string } }[] }>();
  return { data: body.data ?? null, code: body.errors?.[0]?.extensions.code ?? null };
}

/** Latest expiry of a token of these roles that may be made with a credential, by the model; `null`: none may be made. */
function mayMakeUntil(maker: Noted, wanted: readonly string[]): number | null {
  if (opened(maker)?.includes('admin') !== true) return null;
  const ends = [nowIs() + 366 * 24 * hour];
  if (maker.kind === 'token') ends.push(maker.expiresAt);
  if (maker.person === null && wanted.includes('admin')) ends.push(nowIs() + 24 * hour);
  return Math.min(...ends);
}

const makeToken = 'mutation ($input: CreateServiceTokenInput!) { createServiceToken(input: $input) { token } }';

async function play(of: Step, persons: readonly Person[], all: Noted[]): Promise<void> {
  const pick = (index: number): Noted | undefined => all[index % Math.max(all.length, 1)];
  switch (of.kind) {
    case 'login': {
      const who = persons[of.person];
      if (who?.isThere !== true) return;
      const expiresAt = nowIs() + of.hours * hour;
      const { token } = await act<{ token: string }>((tx) => tx.sessions.open(who.id, 'partner', api.now, instant(expiresAt), of.idleMinutes * 60));
      all.push({ token, kind: 'session', person: who, parent: null, roles: [], expiresAt, idle: of.idleMinutes * minute, usedAt: nowIs(), isEnded: false });
      return;
    }
    case 'machine': {
      const expiresAt = nowIs() + of.hours * hour;
      const made = act<{ token: string }>((tx) =>
        tx.sessions.createServiceToken({ name: 'machine', roles: of.roles, createdBy: 'npm run token', expiresAt: instant(expiresAt) }, api.now),
      );
      if (of.roles.includes('admin') && of.hours > 24) return expect(made).rejects.toThrow('lasts a day');
      all.push({ token: (await made).token, kind: 'token', person: null, parent: null, roles: of.roles, expiresAt, idle: null, usedAt: null, isEnded: false });
      return;
    }
    case 'token': {
      const maker = pick(of.maker);
      if (maker === undefined) return;
      const until = mayMakeUntil(maker, of.roles);
      used(maker);
      const expiresAt = nowIs() + of.hours * hour;
      const { data, code } = await send(maker.token, makeToken, { input: { name: 'made', roles: of.roles, expiresAt: instant(expiresAt) } });
      expect(code).toBe(until === null ? (opened(maker) === null ? 'UNAUTHENTICATED' : 'FORBIDDEN') : expiresAt > until ? 'INPUT_INVALID' : null);
      if (code !== null) return;
      const { token } = (data as unknown as { createServiceToken: { token: string } }).createServiceToken;
      const parent = maker.kind === 'token' ? maker : null;
      all.push({ token, kind: 'token', person: maker.person, parent, roles: of.roles, expiresAt, idle: null, usedAt: null, isEnded: false });
      return;
    }
    case 'end': {
      const one = pick(of.which);
      if (one === undefined) return;
      await act(async (tx) => {
        if (one.kind === 'token') {
          const found = await tx.sessions.serviceToken(one.token, api.now);
          if (found !== null) await tx.sessions.revokeServiceToken(found.id, 'test', api.now);
        } else {
          const found = await tx.sessions.byToken(one.token, api.now);
          if (found !== null) await tx.sessions.revoke(found.id, 'test', api.now);
        }
      });
      if (!one.isEnded) endWith(all, (noted) => noted === one);
      return;
    }
    case 'everywhere': {
      const who = persons[of.person];
      if (who === undefined) return;
      await act((tx) => tx.sessions.revokeAll(who.id, 'test', api.now));
      endWith(all, (noted) => noted.kind === 'session' && noted.person === who);
      return;
    }
    case 'says': {
      const who = persons[of.person];
      if (who === undefined) return;
      who.version += 1;
      who.department = of.department;
      who.isThere = of.status === 'active';
      const number = `c${run}-${of.person}`;
      await api.record({ externalId: number, version: String(who.version), facts: { employeeNumber: number, department: of.department }, status: of.status });
      if (!who.isThere) endWith(all, (noted) => noted.person === who);
      return;
    }
    case 'use': {
      const one = pick(of.which);
      if (one === undefined) return;
      used(one);
      await createAuthenticate({ ...api, clock: () => api.now })(one.token);
      return;
    }
    case 'sweep':
      await act(async (tx) => {
        for (const rows of EXPIRING_ROWS.filter(({ name }) => ['sessions', 'login-requests', 'used-assertions'].includes(name)))
          if (typeof rows.after === 'number') await tx.upkeep.expire(rows, instant(nowIs() - rows.after), 1000);
      });
      return;
    case 'time':
      api.now = instant(nowIs() + of.minutes * minute);
      return;
  }
}

const orphans = `select c.id from credential c join credential p on p.id = c.parent_id
  where c.expires_at > p.expires_at or c.identity_id is distinct from p.identity_id or (p.ended_at is not null and c.ended_at is null)`;

async function check(all: readonly Noted[]): Promise<void> {
  const authenticate = createAuthenticate({ ...api, clock: () => api.now });
  for (const noted of all) {
    const caller = await authenticate(noted.token, false);
    const seen = caller === null ? null : [...caller.roles, ...[...caller.sources].map((source) => `source:${source}`)].sort();
    expect(seen).toEqual(opened(noted));
    // For every credential of the model: none is valid whose parent has expired, and no token opens roles that its maker may not give now.
    const maker = noted.parent === null ? null : await authenticate(noted.parent.token, false);
    if (caller === null || noted.parent === null) continue;
    expect(maker).not.toBeNull();
    expect(caller.expiresAt <= (maker?.expiresAt ?? '')).toBe(true);
    if (maker?.roles.has('admin') !== true) expect([...caller.roles].filter((role) => maker?.roles.has(role) !== true)).toEqual([]);
  }
  expect(await api.database.execute(orphans)).toEqual([]);
}

test('no credential opens more than its maker holds now, none outlives its parent, and what ends leaves no living descendant', async () => {
  const property = fc.asyncProperty(fc.array(step, { minLength: 12, maxLength: 40, size: 'max' }), async (steps) => {
    run += 1;
    const persons: Person[] = [];
    for (let index = 0; index < people; index += 1) {
      const number = `c${run}-${index}`;
      const { identityId } = await api.record({ externalId: number, version: '1', facts: { employeeNumber: number, department: 'Admin' } });
      persons.push({ id: identityId ?? '', department: 'Admin', isThere: true, version: 1 });
    }
    const all: Noted[] = [];
    const begun: readonly Step[] = persons.map((_, index) => ({ kind: 'login', person: index, hours: 48, idleMinutes: 600 }));
    for (const one of [...begun, { kind: 'machine', roles: ['admin'], hours: 24 } as const, ...steps]) {
      await play(one, persons, all);
      await check(all);
    }
  });
  await fc.assert(property, { numRuns: runs, endOnFailure: process.env['CREDENTIALS_SHRINK'] === undefined });
}, 300_000);
