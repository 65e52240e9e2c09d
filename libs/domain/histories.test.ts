import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compilePolicy, type Policy } from './compile-policy.ts';
import { deriveLifecycle } from './derive-lifecycle.ts';
import { evaluatePolicy } from './evaluate-policy.ts';
import type { Facts, Identity, Instant, SourceRecord } from './facts.ts';
import { grantsAt } from './grants-at.ts';
import type { Lifecycle } from './lifecycle.ts';
import { mergeFacts } from './merge-facts.ts';
import { nextWakeUp } from './next-wake-up.ts';
import type { Grant } from './policy.ts';
import { DOCUMENT, record } from './testing/people.ts';

const timeZone = 'Europe/Berlin';
const policy = compilePolicy(DOCUMENT, 7);
const timeless = compilePolicy({ ...DOCUMENT, birthright: DOCUMENT.birthright.filter(({ duration }) => duration === undefined) }, 7);
/** Around the change to summer time; the dates of facts lie among the instants of the clock. */
const HOUR = 3_600_000;
const START = Date.parse('2026-03-20T00:00:00.000Z');
const clock = fc.integer({ min: 0, max: 24 * 40 }).map((hours) => new Date(START + hours * HOUR).toISOString());
const day = fc.integer({ min: -5, max: 30 }).map((days) => new Date(START + days * 24 * HOUR).toISOString().slice(0, 10));

const facts: fc.Arbitrary<Facts> = fc.record(
  {
    department: fc.constantFrom('Finance', 'Sales', 'Other', null),
    level: fc.constantFrom(4, 5, null),
    remote: fc.constantFrom(true, false),
    birthday: day,
    startDate: fc.oneof(day, fc.constant(null)),
    endDate: fc.oneof(day, fc.constant(null)),
  },
  { requiredKeys: [] },
);
const fact: fc.Arbitrary<SourceRecord> = fc
  .record({
    id: fc.constantFrom('hr-1', 'hr-2', 'saml-1', 'oidc-1'),
    facts,
    groups: fc.option(fc.subarray(['operators', 'others'])),
    status: fc.constantFrom('active' as const, 'active' as const, 'ended' as const),
    endedAt: clock,
    recordedAt: clock,
  })
  .map(({ id, status, endedAt, groups, ...more }) => {
    const isHr = id.startsWith('hr');
    return record({
      ...more,
      id,
      source: id.replace(/-.*/, ''),
      groups: isHr ? null : groups,
      status: isHr ? status : null,
      endedAt: isHr && status === 'ended' ? endedAt : null,
    });
  });
/** What happens: a record arrives, or the clock moves on. */
type Step = { readonly arrived: SourceRecord } | { readonly hours: number };
const history: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof<fc.Arbitrary<Step>[]>(
    fact.map((arrived) => ({ arrived })),
    fc.integer({ min: 1, max: 200 }).map((hours) => ({ hours })),
  ),
  { maxLength: 12 },
);

interface Decision {
  readonly lifecycle: Lifecycle;
  readonly grants: readonly Grant[];
  readonly activations: Readonly<Record<string, Instant>>;
  readonly changesAt: Instant | null;
}

function merge(records: readonly SourceRecord[]): Identity {
  const precedence = { default: ['hr', 'saml'], attributes: { department: ['saml', 'hr'] } };
  return mergeFacts({ id: 'i-1', userName: 'ada', userType: 'employee', createdAt: '2026-01-01T00:00:00.000Z', records, precedence, authoritative: ['hr'] });
}

function decide(identity: Identity, now: Instant, activations: Readonly<Record<string, Instant>>, asked: Policy): Decision {
  const lifecycle = deriveLifecycle({ identity, policy: asked, now, timeZone });
  return { lifecycle, ...evaluatePolicy({ identity, lifecycle, policy: asked, activations, now, timeZone }) };
}

/** Plays a history, deciding after each step as the running system does. */
function play(steps: readonly Step[], asked: Policy): { records: Map<string, SourceRecord>; now: Instant; decision: Decision } {
  const records = new Map<string, SourceRecord>();
  let time = START;
  let decision = decide(merge([]), new Date(time).toISOString(), {}, asked);
  for (const step of steps) {
    if ('hours' in step) time += step.hours * HOUR;
    else records.set(step.arrived.id, step.arrived);
    decision = decide(merge([...records.values()]), new Date(time).toISOString(), decision.activations, asked);
  }
  return { records, now: new Date(time).toISOString(), decision };
}

/** What a person may do at an instant, without since when. */
function access({ grants, lifecycle }: Decision, now: Instant): string {
  const held = grantsAt(grants, now).map(({ kind, name, validUntil, origins }) => [
    kind,
    name,
    validUntil,
    origins.map((origin) => [origin.kind, origin.name, origin.viaRole, origin.recordIds, origin.validUntil]),
  ]);
  return JSON.stringify([lifecycle, held]);
}

describe('property: random histories end where one evaluation from scratch ends', () => {
  test('without durations, in any order, with repeats, from nothing', () => {
    fc.assert(
      fc.property(history, fc.infiniteStream(fc.nat(3)), (steps, repeats) => {
        const repeated = steps.flatMap((step): Step[] => ('hours' in step ? [step] : Array.from({ length: 1 + (repeats.next().value ?? 0) }, () => step)));
        const { records, now, decision } = play(repeated, timeless);
        const scratch = decide(merge([...records.values()].reverse()), now, {}, timeless);
        expect(access(decision, now)).toBe(access(scratch, now));
      }),
      { numRuns: 300 },
    );
  });

  test('with durations, from the activations that the history left', () => {
    fc.assert(
      fc.property(history, (steps) => {
        const { records, now, decision } = play(steps, policy);
        const scratch = decide(merge([...records.values()].reverse()), now, decision.activations, policy);
        expect(JSON.stringify(scratch)).toBe(JSON.stringify(decision));
      }),
      { numRuns: 300 },
    );
  });

  test('a step that changes nothing changes no access', () => {
    fc.assert(
      fc.property(history, (steps) => {
        const { records, now, decision } = play(steps, policy);
        const again = [1, 2, 3].reduce((last) => decide(merge([...records.values()]), now, last.activations, policy), decision);
        expect(JSON.stringify(again)).toBe(JSON.stringify(decision));
      }),
    );
  });
});

describe('property: the next wake-up is exact', () => {
  const shape = (decision: Decision, now: Instant) =>
    JSON.stringify([
      decision.lifecycle.state,
      decision.lifecycle.accounts,
      grantsAt(decision.grants, now).map(({ name, origins }) => [name, origins.map((origin) => [origin.name, origin.viaRole])]),
    ]);
  const isGiven = ({ lifecycle }: Decision) => lifecycle.state === 'active';
  const at = (identity: Identity, decision: Decision, instant: Instant) => shape(decide(identity, instant, decision.activations, policy), instant);

  test('nothing changes between now and then, something does at it', () => {
    fc.assert(
      fc.property(history, fc.array(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), { minLength: 4, maxLength: 4 }), (steps, parts) => {
        const { records, now, decision } = play(steps, policy);
        const identity = merge([...records.values()]);
        const wake = nextWakeUp({ ...decision, now });
        const end = wake === null ? Date.parse(now) + 20 * 365 * 24 * HOUR : Date.parse(wake);
        const before = shape(decision, now);
        for (const part of [...parts, 1]) {
          const between = Math.min(Date.parse(now) + Math.floor((end - Date.parse(now)) * part), end - 1);
          expect(at(identity, decision, new Date(between).toISOString())).toBe(before);
        }
        const isDate = wake === decision.lifecycle.next?.at;
        if (wake !== null && (isDate || isGiven(decision))) expect(at(identity, decision, wake)).not.toBe(before);
      }),
      { numRuns: 400 },
    );
  });
});
