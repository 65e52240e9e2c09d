import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type ApprovalStage, DELEGATED_KINDS, DomainError, type Instant } from '@tenure/domain';
import type { RequestItem, WholeRequest } from '@tenure/store';
import fc from 'fast-check';
import { delegate, revokeDelegation } from '../approvers/delegate.ts';
import { withdrawRequest } from './end-access.ts';
import { createRequestWorld, HOUR, type RequestWorld } from './testing/request-world.ts';

const DEADLINE = 24;
const stage = (name: string, more: Partial<ApprovalStage>): ApprovalStage => ({
  name,
  approvers: [{ kind: 'manager' }],
  quorum: 1,
  deadline: `PT${DEADLINE}H`,
  escalateTo: [],
  otherwise: 'deny',
  ...more,
});
const rule = (name: string, stages: readonly ApprovalStage[], hours: number) => ({ name, roles: [], entitlements: [name], longest: `PT${hours}H`, stages });
const olga = { kind: 'person', userName: 'olga' } as const;
const stages: Readonly<Record<string, readonly ApprovalStage[]>> = {
  'tenure.auditor': [stage('both', { approvers: [{ kind: 'manager' }, olga], quorum: 2 })],
  'tenure.operator': [stage('manager', {}), stage('owner', { approvers: [olga] })],
  'tenure.admin': [stage('group', { approvers: [{ kind: 'holders', name: 'tenure.approver' }], quorum: 2 })],
};
const managers: Readonly<Record<string, string | null>> = { boss: null, ann: 'boss', bob: 'boss', olga: 'boss', eve: 'ann', joe: 'bob' };
const names = Object.keys(managers);
const group = ['bob', 'olga', 'eve'];

/** Events that may happen. People and requests are picked by number. */
type Step =
  | { readonly kind: 'ask'; readonly of: string; readonly name: string; readonly byManager: boolean }
  | { readonly kind: 'decide'; readonly request: number; readonly by: string | number; readonly approves: boolean }
  | { readonly kind: 'delegate'; readonly from: string; readonly to: string; readonly after: number; readonly hours: number }
  | { readonly kind: 'revoke'; readonly which: number }
  | { readonly kind: 'presence'; readonly who: string; readonly is: 'there' | 'away' | 'gone' }
  | { readonly kind: 'pass'; readonly hours: number };
const person = fc.constantFrom(...names);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('ask' as const), of: person, name: fc.constantFrom(...Object.keys(stages)), byManager: fc.boolean() }),
  },
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant('decide' as const),
      request: fc.nat(1),
      by: fc.oneof(person, fc.nat(2), fc.nat(2), fc.nat(2), fc.nat(2)),
      approves: fc.integer({ min: 0, max: 9 }).map((one) => one > 0),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('delegate' as const), from: person, to: person, after: fc.nat(10), hours: fc.integer({ min: 1, max: 40 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('revoke' as const), which: fc.nat(2) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('presence' as const), who: person, is: fc.constantFrom('there' as const, 'away' as const, 'gone' as const) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('pass' as const), hours: fc.integer({ min: 1, max: 30 }) }) },
);

/** One history that ends with a grant, so that the property proves something however few are drawn. */
const certain: Step[] = [
  { kind: 'ask', of: 'joe', name: 'tenure.operator', byManager: false },
  { kind: 'decide', request: 0, by: 'bob', approves: true },
  { kind: 'pass', hours: 1 },
  { kind: 'decide', request: 0, by: 'olga', approves: true },
];

/** Record that the test itself keeps of what has happened: it does not ask Tenure who may answer. */
interface Ledger {
  readonly requests: string[];
  readonly delegations: { readonly id: string; readonly from: string; readonly to: string; readonly since: Instant; until: Instant }[];
  /** Status of people, each with the instant from which it applies. */
  readonly presence: { readonly who: string; readonly is: string; readonly at: Instant }[];
  /** `delegations`: those that ran then, though they may have been revoked in the same instant. */
  readonly yes: {
    readonly request: string;
    readonly by: string;
    readonly was: string;
    readonly delegations: readonly { readonly from: string; readonly to: string }[];
  }[];
}

let world: RequestWorld;
beforeAll(async () => {
  world = await createRequestWorld(Object.entries(stages).map(([name, all]) => rule(name, all, 20)));
  for (const name of names) await world.says(name, { manager: managers[name] ?? null, department: group.includes(name) ? 'Approver' : 'Other' });
});
afterAll(() => world.stop());

test('property: what is held was approved by enough others, each in a place of their own, in time, and is held within its bounds alone', async () => {
  let granted = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 40 }), async (steps) => {
      await tidy();
      const ledger: Ledger = { requests: [], delegations: [], presence: [], yes: [] };
      for (const one of steps) {
        await play(one, ledger);
        await check(ledger);
      }
      for (const id of ledger.requests) granted += (await world.item(id)).validFrom === null ? 0 : 1;
    }),
    { endOnFailure: true, numRuns: Number(process.env['APPROVAL_RUNS'] ?? 5), examples: [[certain]] },
  );
  // Otherwise the property would prove nothing.
  expect(granted).toBeGreaterThan(0);
});

async function play(one: Step, ledger: Ledger): Promise<void> {
  const later = (hours: number): Instant => new Date(Date.parse(world.now) + hours * HOUR).toISOString();
  switch (one.kind) {
    case 'ask': {
      const manager = managers[one.of] ?? null;
      const by = one.byManager && manager !== null ? manager : one.of;
      const asked = await unlessRefused(() => world.ask(one.of, one.name, { by }));
      if (asked !== null) ledger.requests.push(asked);
      return;
    }
    case 'decide': {
      const request = ledger.requests.at(-1 - one.request);
      if (request === undefined) return;
      const asked = (await world.asked(request)).map((text) => text.replace(/ for .*/, ''));
      const by = typeof one.by === 'string' ? one.by : (asked[one.by % Math.max(asked.length, 1)] ?? 'boss');
      const counted = async (): Promise<number> => (await world.whole(request)).answers.filter(({ outcome }) => outcome === 'counted').length;
      const before = await counted();
      await world.answer(request, by, one.approves);
      // The same answer again is accepted, and changes nothing.
      if (one.approves && (await counted()) > before) {
        const delegations = ledger.delegations.filter(({ since, until }) => since <= world.now && world.now < until).map(({ from, to }) => ({ from, to }));
        ledger.yes.push({ request, by, was: stateOf(by, world.now, ledger) ?? 'there', delegations });
      }
      return;
    }
    case 'delegate': {
      const wanted = { fromId: world.id(one.from), toId: world.id(one.to), validFrom: later(one.after), validUntil: later(one.after + one.hours) };
      const given = await unlessRefused(() => world.act((tx) => delegate(tx, { ...wanted, reason: 'away', kinds: DELEGATED_KINDS })));
      if (given !== null) ledger.delegations.push({ id: given.id, from: one.from, to: one.to, since: wanted.validFrom, until: wanted.validUntil });
      return;
    }
    case 'revoke': {
      const found = ledger.delegations.at(-1 - one.which);
      if (found === undefined) return;
      await world.act((tx) => revokeDelegation(tx, found.id, { id: world.id(found.from), isOperator: false }));
      if (found.until > world.now) found.until = world.now;
      return;
    }
    case 'presence':
      ledger.presence.push({ who: one.who, is: one.is, at: world.now });
      return world.says(one.who, { leaveStart: one.is === 'away' ? world.now : null }, one.is === 'gone' ? 'ended' : 'active');
    case 'pass':
      return world.pass(one.hours * HOUR);
  }
}

async function check(ledger: Ledger): Promise<void> {
  const wholes: WholeRequest[] = [];
  for (const id of ledger.requests) wholes.push(await world.whole(id));
  for (const { request, items } of wholes)
    for (const item of items)
      if (item.validFrom !== null) checkApproval(item, world.nameOf(item.identityId), world.nameOf(request.requestedBy), request.createdAt, ledger);
  for (const name of names) {
    const isHere = (stateOf(name, world.now, ledger) ?? 'there') !== 'gone';
    const running = wholes
      .flatMap(({ items }) => items)
      .filter((item) => item.identityId === world.id(name) && item.validFrom !== null && item.validFrom <= world.now && world.now < (item.validUntil ?? ''));
    const held = (await world.held(name)).filter((one) => one !== 'tenure.approver');
    expect(held.sort()).toEqual(isHere ? [...new Set(running.map((item) => item.name))].sort() : []);
  }
}

/** Checks an approval: each approver is another person, was there, could be resolved by the policy, and there were enough of them in time. */
function checkApproval(item: RequestItem, of: string, by: string, createdAt: Instant, ledger: Ledger): void {
  expect(Date.parse(item.validUntil ?? '') - Date.parse(item.validFrom ?? '')).toBe(20 * HOUR);
  const all = ledger.yes.filter(({ request }) => request === item.requestId);
  for (const yes of all) {
    expect([of, by]).not.toContain(yes.by);
    expect(yes.was).toBe('there');
  }
  const wanted = stages[item.name] ?? [];
  // Each stage has its deadline, and once more from its escalation.
  expect(Date.parse(item.validFrom ?? '')).toBeLessThanOrEqual(Date.parse(createdAt) + wanted.length * 2 * DEADLINE * HOUR);
  let rest = all;
  for (const { approvers, quorum } of wanted) {
    const places = approvers.flatMap((one) => (one.kind === 'manager' ? [managers[of] ?? ''] : one.kind === 'person' ? [one.userName] : group));
    const used = mostPlaces(rest, [...places, ...places.map((place) => managers[place] ?? '')]);
    expect(used).toBeGreaterThanOrEqual(quorum);
    // People answer one stage after another.
    if (wanted.length > 1) rest = rest.slice(quorum);
  }
}

/** Number of places these answers fill at most, each at most one and each place once. */
function mostPlaces(answers: Ledger['yes'], places: readonly string[]): number {
  const [first, ...others] = answers;
  if (first === undefined) return 0;
  const without = mostPlaces(others, places);
  const filled = [...new Set(places)].filter((place) => place !== '' && mayFill(first, place));
  const counts = filled.map((place) => {
    const left = places.filter((other) => other !== place);
    return 1 + mostPlaces(others, left);
  });
  return Math.max(without, ...counts);
}

/** True if somebody could answer in a place: by delegations that ran then, or up the line of managers. */
function mayFill({ by, delegations }: Ledger['yes'][number], place: string): boolean {
  const reached = new Set([place]);
  for (const name of reached) {
    const manager = managers[name];
    if (manager != null) reached.add(manager);
    for (const { from, to } of delegations) if (from === name) reached.add(to);
  }
  return reached.has(by);
}

function stateOf(who: string, at: Instant, { presence }: Ledger): string | undefined {
  return presence.findLast((one) => one.who === who && one.at <= at)?.is;
}

async function unlessRefused<T>(attempt: () => Promise<T>): Promise<T | null> {
  try {
    return await attempt();
  } catch (error) {
    if (error instanceof DomainError) return null;
    throw error;
  }
}

/** A history begins with everybody there and nothing under way. */
async function tidy(): Promise<void> {
  const running = await world.database.store.read((tx) => tx.delegations.givenBy(names.map(world.id), world.now));
  for (const { id } of running) await world.act((tx) => revokeDelegation(tx, id, { id: '', isOperator: true }));
  for (const name of names) await world.says(name, { leaveStart: null });
  for (const { id, requestedBy } of await world.database.store.read((tx) => tx.requests.open(100, null)))
    await world.act((tx) => withdrawRequest(tx, id, requestedBy));
  await world.pass(21 * HOUR);
}
