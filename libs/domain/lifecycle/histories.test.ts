import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compilePolicy, type Policy } from '../policy/compile-policy.ts';
import { type AccessDecision, decideAccess, type Memory } from '../access/decide-access.ts';
import { EXTENSION_SOURCE, type Facts, type Instant, OPERATOR_SOURCE, type SourceRecord } from '../identity/facts.ts';
import { grantsAt } from '../access/grants-at.ts';
import type { BirthrightRule, PolicyDocument } from '../policy/policy.ts';
import { relationshipBounds } from '../identity/relationship.ts';
import type { RequestedAccess } from '../requests/requested-access.ts';
import { boundsOf, isAway, isHere, isMeant, timesOf } from '../testing/by-hand.ts';
import { DOCUMENT, record } from '../testing/people.ts';

const timeZone = 'Europe/Berlin';
const extension = { ask: 'P5D', maximum: 'P20D', inAll: 'P30D' };
const otherwise: Readonly<Record<string, Partial<BirthrightRule>>> = {
  finance: { until: 'identity.birthday' },
  'settling-in': { duration: 'P6D' },
  sales: { grace: 'P3D' },
  seniors: { when: 'identity.level >= 5 && now >= identity.startDate + duration("240h")' },
};
const document: PolicyDocument = {
  ...DOCUMENT,
  relations: { sponsor: { attribute: 'jobRole', by: 'userName' } },
  lifecycle: DOCUMENT.lifecycle.map((rule) => ({ ...rule, extension, inactivity: { warn: 'P4D', disable: 'P8D', remove: 'P16D', exempt: ['others'] } })),
  // Ends that come while the person is active: the end of the contract would hide an end that is ignored.
  birthright: DOCUMENT.birthright.map((rule) => ({ ...rule, ...(Object.hasOwn(otherwise, rule.name) ? otherwise[rule.name] : {}) })),
  separation: [
    { name: 'books', conflicting: [['ledger.clerk'], ['ledger.reader', 'ledger.account'], ['crm.sales']], atMost: 2, priority: ['ledger.reader'] },
    { name: 'floors', conflicting: [['sales'], ['finance-clerk', 'tenure.operator']], atMost: 1, priority: [] },
  ],
};
const policy = compilePolicy(document, 7);
/** Policy without times that count from when a rule began or ceased to apply: SoD rules withhold by name, not by the age of grants. */
const timeless = compilePolicy(
  {
    ...DOCUMENT,
    relations: { sponsor: { attribute: 'jobRole', by: 'userName' } },
    birthright: DOCUMENT.birthright.filter(({ duration }) => duration === undefined),
    lifecycle: DOCUMENT.lifecycle.map((rule) => ({ ...rule, extension })),
    separation: [{ name: 'floors', conflicting: [['sales'], ['finance-clerk'], ['tenure.operator']], atMost: 1, priority: ['sales', 'finance-clerk'] }],
  },
  7,
);
/** Policy that requires a start, an end and a time zone of everybody. */
const demanding = compilePolicy({ ...document, lifecycle: document.lifecycle.map((rule) => ({ ...rule, requires: ['startDate', 'endDate', 'timeZone'] })) }, 7);
/** Time around the change to summer time; the dates of facts are among the instants of the clock. */
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
    leaveStart: fc.oneof(day, fc.constant(null)),
    leaveEnd: day,
    timeZone: fc.constantFrom('Europe/Berlin', 'America/Los_Angeles', 'Pacific/Apia', 'nowhere'),
  },
  { requiredKeys: [] },
);
const fact: fc.Arbitrary<SourceRecord> = fc
  .record({
    id: fc.constantFrom('hr-1', 'hr-2', 'vendors-1', 'saml-1', 'oidc-1', 'operator-1'),
    facts,
    groups: fc.option(fc.subarray(['operators', 'others'])),
    status: fc.constantFrom('active' as const, 'active' as const, 'ended' as const),
    endedAt: clock,
    recordedAt: clock,
  })
  .map(({ id, status, endedAt, groups, ...more }) => {
    const isFeed = !id.startsWith('saml') && !id.startsWith('oidc');
    // An operator terminates, at once or with notice, or withdraws the termination.
    if (id.startsWith(OPERATOR_SOURCE)) {
      const isEnd = status === 'ended';
      return record({ id, source: OPERATOR_SOURCE, status: isEnd ? status : null, endedAt: isEnd ? endedAt : null, recordedAt: more.recordedAt });
    }
    return record({
      ...more,
      id,
      source: id.replace(/-.*/, ''),
      groups: isFeed ? null : groups,
      status: isFeed ? status : null,
      endedAt: isFeed && status === 'ended' ? endedAt : null,
      // A person who moves from one feed to the other has another user type.
      ...(isFeed ? { userType: id.startsWith('hr') ? ('employee' as const) : ('contractor' as const) } : {}),
    });
  });
/** Extension by a sponsor of the end that a record of a feed states then. */
const extending = fc.record({ of: fc.constantFrom('hr-1', 'hr-2', 'vendors-1'), until: day });
/** Approved access or break-glass access: two at the same time may conflict, with or without an exception. */
const approvedWithin = (from: number, lasting: number): fc.Arbitrary<RequestedAccess> =>
  fc
    .record({
      id: fc.constantFrom('item-1', 'item-2', 'item-3'),
      name: fc.constantFrom('sales', 'finance-clerk', 'ledger.account', 'gone'),
      begins: fc.integer({ min: 0, max: from }),
      hours: fc.integer({ min: 1, max: lasting }),
      names: fc.option(fc.subarray(['sales', 'finance-clerk', 'tenure.operator'])),
      isBreakGlass: fc.boolean(),
    })
    .map(({ id, name, begins, hours, names, isBreakGlass }) => ({
      id,
      requestId: `request of ${id}`,
      kind: name.includes('.') ? 'entitlement' : 'role',
      name,
      validFrom: new Date(START + begins * HOUR).toISOString(),
      validUntil: new Date(START + (begins + hours) * HOUR).toISOString(),
      exceptions: names === null ? [] : [{ rule: 'floors', names, control: 'review' }],
      keptAt: null,
      isBreakGlass,
    }));
const approved = approvedWithin(24 * 40, 400);
/**
 * Step of a history: a record arrives, an end is extended, a target reports activity, a request is approved or break-glass access is taken, or the
 * clock moves on.
 */
type Step =
  | { readonly arrived: SourceRecord }
  | { readonly extended: { readonly of: string; readonly until: string } }
  | { readonly seen: Instant }
  | { readonly granted: RequestedAccess }
  | { readonly hours: number };
const passing = (max: number): fc.Arbitrary<Step> => fc.integer({ min: 1, max }).map((hours) => ({ hours }));
const history: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof<fc.Arbitrary<Step>[]>(
    fact.map((arrived) => ({ arrived })),
    extending.map((extended) => ({ extended })),
    clock.map((seen) => ({ seen })),
    approved.map((granted) => ({ granted })),
    passing(200),
  ),
  { maxLength: 12 },
);
/** History with many short approvals that begin soon and conflict. */
const busy: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: approvedWithin(48, 96).map((granted): Step => ({ granted })) },
    { weight: 2, arbitrary: fact.map((arrived): Step => ({ arrived })) },
    { weight: 4, arbitrary: passing(48) },
  ),
  { maxLength: 14 },
);
/** History of a contract alone, whose end its source and its sponsor move. */
const contract = fc
  .record({ endDate: day, recordedAt: clock })
  .map(({ endDate, recordedAt }) => record({ id: 'hr-1', source: 'hr', status: 'active', facts: { endDate }, recordedAt }));
const contracts: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof<fc.Arbitrary<Step>[]>(
    contract.map((arrived) => ({ arrived })),
    day.map((until) => ({ extended: { of: 'hr-1', until } })),
    passing(48),
  ),
  { maxLength: 10 },
);

const FEEDS = ['hr', 'vendors'];
const NOTHING: Memory = { activations: {}, endings: {} };

function decide(
  records: readonly SourceRecord[],
  now: Instant,
  memory: Memory,
  asked: Policy,
  requests: readonly RequestedAccess[],
  seen: readonly Instant[] = [],
): AccessDecision {
  const precedence = { default: ['hr', 'vendors', 'saml'], attributes: { department: ['saml', 'hr', 'vendors'] } };
  const about = { id: 'i-1', userName: 'ada', userType: 'employee' as const, createdAt: '2026-01-01T00:00:00.000Z' };
  const people = { ...about, records, precedence, authoritative: FEEDS, logins: ['saml', 'oidc'], reportedActivity: seen };
  return decideAccess({ ...people, now, timeZone, policy: asked, memory, exceptions: [], requests });
}

interface Played {
  readonly records: SourceRecord[];
  readonly requests: RequestedAccess[];
  readonly seen: readonly Instant[];
  readonly now: Instant;
  readonly decision: AccessDecision;
}

/** Plays a history, with a decision after each step, as the running system does. */
function play(steps: readonly Step[], asked: Policy): Played {
  const records = new Map<string, SourceRecord>();
  const requests = new Map<string, RequestedAccess>();
  let time = START;
  let seen: readonly Instant[] = [];
  let decision = decide([], new Date(time).toISOString(), NOTHING, asked, []);
  for (const step of steps) {
    const now = new Date(time).toISOString();
    if ('hours' in step) time += step.hours * HOUR;
    // Activity in the future counts as the instant of the observation.
    else if ('seen' in step) seen = [step.seen < now ? step.seen : now];
    else if ('extended' in step) extend(records, step.extended, now);
    else if ('granted' in step) requests.set(step.granted.id, step.granted);
    else records.set(step.arrived.id, { ...step.arrived, recordedAt: step.arrived.recordedAt < now ? step.arrived.recordedAt : now });
    decision = decide([...records.values()], new Date(time).toISOString(), decision.memory, asked, [...requests.values()], seen);
  }
  return { records: [...records.values()], requests: [...requests.values()], seen, now: new Date(time).toISOString(), decision };
}

function extend(records: Map<string, SourceRecord>, { of, until }: { readonly of: string; readonly until: string }, recordedAt: Instant): void {
  const said = records.get(of)?.facts['endDate'];
  if (typeof said !== 'string' || until < said) return;
  const id = `extension of ${of}`;
  records.set(id, record({ id, source: EXTENSION_SOURCE, facts: { endDate: until }, extends: { recordId: of, endDate: said }, recordedAt }));
}

/** Empty memory, except for the relationships that had begun, which are not in the records. */
function begunIn({ memory: { relationships = [], decidedAt = null } }: AccessDecision): Memory {
  return { ...NOTHING, relationships, decidedAt };
}

/** Access of a person at an instant, without the times since which it is in force. */
function access({ grants, lifecycle }: AccessDecision, now: Instant): string {
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
        const { records, requests, seen, now, decision } = play(repeated, timeless);
        const scratch = decide(records.toReversed(), now, begunIn(decision), timeless, requests.toReversed(), seen);
        expect(access(decision, now)).toBe(access(scratch, now));
      }),
      { numRuns: 300 },
    );
  });

  test('with durations, from the activations that the history left', () => {
    fc.assert(
      fc.property(history, (steps) => {
        const { records, requests, seen, now, decision } = play(steps, policy);
        const scratch = decide(records.toReversed(), now, decision.memory, policy, requests.toReversed(), seen);
        expect(JSON.stringify(scratch)).toBe(JSON.stringify(decision));
      }),
      { numRuns: 300 },
    );
  });

  test('a step that changes nothing changes no access', () => {
    fc.assert(
      fc.property(history, (steps) => {
        const { records, requests, seen, now, decision } = play(steps, policy);
        const again = [1, 2, 3].reduce((last) => decide(records, now, last.memory, policy, requests, seen), decision);
        expect(JSON.stringify(again)).toBe(JSON.stringify(decision));
      }),
    );
  });
});

describe('property: the next wake-up is exact', () => {
  const shape = (decision: AccessDecision, now: Instant) =>
    JSON.stringify([
      decision.lifecycle.state,
      decision.lifecycle.accounts,
      decision.lifecycle.inactivity?.standing === 'warned',
      decision.ending?.endsAt,
      grantsAt(decision.grants, now).map(({ name, origins }) => [name, origins.map((origin) => [origin.name, origin.viaRole])]),
    ]);
  const isGiven = ({ lifecycle }: AccessDecision) => lifecycle.state === 'active';
  const at = ({ records, requests, seen, decision }: Played, instant: Instant) =>
    shape(decide(records, instant, decision.memory, policy, requests, seen), instant);

  test('nothing changes between now and then, something does at it', () => {
    fc.assert(
      fc.property(history, fc.array(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), { minLength: 4, maxLength: 4 }), (steps, parts) => {
        const played = play(steps, policy);
        const { records, requests, seen, now, decision } = played;
        const wake = decision.nextWakeUp;
        const end = wake === null ? Date.parse(now) + 20 * 365 * 24 * HOUR : Date.parse(wake);
        const before = shape(decision, now);
        for (const part of [...parts, 1]) {
          const between = Math.min(Date.parse(now) + Math.floor((end - Date.parse(now)) * part), end - 1);
          expect(at(played, new Date(between).toISOString())).toBe(before);
        }
        // At the start or end of a relationship the sources are merged again, which often changes nothing.
        const isBound = wake !== null && relationshipBounds(decision.identity).includes(wake);
        // The date of a leave may be from the record that ends with it.
        const isOfLeave = [decision.lifecycle.state, decision.lifecycle.next?.state].includes('suspended');
        const isDate = wake === decision.lifecycle.next?.at && !(isBound && isOfLeave);
        // A withheld grant begins and ends without a visible change.
        const isSeen = [decision, ...(wake === null ? [] : [decide(records, wake, decision.memory, policy, requests, seen)])].every(
          (one) => one.violations.length === 0,
        );
        if (wake !== null && (isDate || (isGiven(decision) && isSeen && !isBound))) expect(at(played, wake)).not.toBe(before);
      }),
      { numRuns: 400 },
    );
  });
});

describe('property: at every instant of a history', () => {
  const checked = (steps: readonly Step[], check: (decision: AccessDecision, now: Instant, played: Played, before: Played | null) => void): void => {
    let before: Played | null = null;
    for (let length = 0; length <= steps.length; length++) {
      const played = play(steps.slice(0, length), policy);
      check(played.decision, played.now, played, before);
      before = played;
    }
  };
  const inForce = ({ requests, now }: Played) => requests.filter(({ name, validFrom, validUntil }) => name !== 'gone' && validFrom <= now && now < validUntil);
  test('nobody holds together what excludes each other, but what an exception that holds names', () => {
    fc.assert(
      fc.property(fc.oneof(busy, history), (steps) =>
        checked(steps, ({ grants, violations }, now, played) => {
          const held = grantsAt(grants, now).map(({ name }) => name);
          const allowed = inForce(played).flatMap(({ exceptions }) => exceptions);
          // Grants that an exception names are not withheld.
          for (const { rule, names } of violations)
            expect(allowed.some((one) => one.rule === rule && names.every((name) => one.names.includes(name)))).toBe(false);
          for (const { name: rule, conflicting, atMost } of document.separation) {
            const together = conflicting.flat().filter((name) => held.includes(name));
            if (allowed.some((one) => one.rule === rule && together.every((name) => one.names.includes(name)))) continue;
            expect(conflicting.filter((set) => set.some((name) => held.includes(name))).length).toBeLessThanOrEqual(atMost);
          }
        }),
      ),
      { numRuns: 300 },
    );
  });

  test('whom an operator has terminated is over and holds nothing, whatever the sources say, until it is lifted', () => {
    fc.assert(
      fc.property(history, (steps) => {
        const end = record({ id: 'operator-1', source: OPERATOR_SOURCE, status: 'ended', endedAt: new Date(START).toISOString() });
        const { records, requests, now, decision } = play([...steps, { arrived: end }], policy);
        expect(['leaving', 'left']).toContain(decision.lifecycle.state);
        expect(grantsAt(decision.grants, now)).toEqual([]);
        const lifted = records.map((one) => (one.source === OPERATOR_SOURCE ? { ...one, status: null, endedAt: null } : one));
        const without = records.filter(({ source }) => source !== OPERATOR_SOURCE);
        expect(access(decide(lifted, now, NOTHING, timeless, requests), now)).toBe(access(decide(without, now, NOTHING, timeless, requests), now));
      }),
      { numRuns: 300 },
    );
  });

  test('of whom something is missing that has to be known holds nothing until it is there, and loses or gains nothing else', () => {
    fc.assert(
      fc.property(history, fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), (steps, part) => {
        const { records, requests, seen, now, decision } = play(steps, demanding);
        const without = play(steps, policy).decision;
        const held = grantsAt(decision.grants, now);
        if (decision.missing !== null) expect(held).toEqual([]);
        else expect(JSON.stringify(held)).toBe(JSON.stringify(grantsAt(without.grants, now)));
        // Missing facts change only with a fact or at the next wake-up.
        const end = decision.nextWakeUp === null ? Date.parse(now) + 365 * 24 * HOUR : Date.parse(decision.nextWakeUp);
        const between = new Date(Math.min(Date.parse(now) + Math.floor((end - Date.parse(now)) * part), end - 1)).toISOString();
        expect(decide(records, between, decision.memory, demanding, requests, seen).missing).toEqual(decision.missing);
      }),
      { numRuns: 200 },
    );
  });

  test('nothing is held outside its bounds, as a calendar tells them, and everything held has a reason that holds', () => {
    fc.assert(
      fc.property(fc.oneof(busy, history), (steps) =>
        checked(steps, ({ identity, lifecycle, grants }, now, { records, requests }, before) => {
          const held = grantsAt(grants, now);
          if (lifecycle.state !== 'active' && lifecycle.state !== 'suspended') expect(held).toEqual([]);
          for (const { name: what, origins } of held) {
            expect(origins.length).toBeGreaterThan(0);
            for (const origin of origins) {
              const { kind, name, validFrom, validUntil, viaRole, recordIds } = origin;
              expect(validFrom <= now && (validUntil === null || now < validUntil)).toBe(true);
              for (const id of recordIds) expect(records.map((one) => one.id)).toContain(id);
              // Entitlements of a role are granted together with it, and end with it.
              if (viaRole !== null) expect(held.filter((one) => one.kind === 'role').map((one) => one.name)).toContain(viaRole);
              if (kind === 'request' || kind === 'break-glass') {
                const item = requests.find((one) => one.requestId === name);
                expect(item).toMatchObject({ validFrom, validUntil, name: viaRole ?? what, isBreakGlass: kind === 'break-glass' });
              } else if (kind === 'assertion') {
                expect([name, identity.groups['saml']?.groups]).toEqual(['saml/operators', expect.arrayContaining(['operators'])]);
              } else {
                const rule = document.birthright.find((one) => one.name === name);
                if (rule === undefined) throw new Error(`${kind} ${name} gave ${what}`);
                const [from, until] = boundsOf(identity, rule, origin);
                expect(from <= now && now < until).toBe(true);
                if (origin.endingSince === undefined) expect(isMeant(identity, rule, now)).toBe(true);
                // A grant in force does not begin again, nor does one in its grace period end again: otherwise no duration and no grace would end.
                const earlier = before?.decision.grants.flatMap((grant) => (grant.name === what ? grant.origins : []));
                const known = earlier?.find(
                  (one) => one.kind === kind && one.name === name && one.viaRole === viaRole && one.validFrom <= (before?.now ?? now),
                );
                const wasHere = before?.decision.lifecycle.state === 'active' || before?.decision.lifecycle.state === 'suspended';
                if (known !== undefined && wasHere && name !== 'birthday-month') {
                  expect(validFrom).toBe(known.validFrom);
                  if (known.endingSince !== undefined && origin.endingSince !== undefined) expect(origin.endingSince).toBe(known.endingSince);
                }
              }
            }
          }
        }),
      ),
      { numRuns: 200 },
    );
  });

  test('who is here, away, or gone is so as the dates and words of feeds and operators tell, to the millisecond, hand-over and return included', () => {
    fc.assert(
      fc.property(history, (steps) => {
        const agree = ({ identity, lifecycle: { state, accounts, inactivity } }: AccessDecision, now: Instant, records: readonly SourceRecord[]): void => {
          const here = isHere(records, FEEDS, now, timeZone);
          // An end before the start of a relationship that had begun needs a human decision.
          if (here === null || identity.relationships.some(({ contradictedSince }) => contradictedSince !== undefined)) return;
          if (!here) expect(['pre-hire', 'leaving', 'left']).toContain(state);
          else if (inactivity?.standing === 'removed') expect(state).toBe('left');
          else if (inactivity?.standing === 'disabled' || isAway(identity, now)) expect([state, accounts]).toEqual(['suspended', 'disabled']);
          else expect([state, accounts]).toEqual(['active', 'enabled']);
        };
        checked(steps, (decision, now, { records }) => agree(decision, now, records));
        const { records, requests, seen, now, decision } = play(steps, policy);
        for (const at of timesOf(records, FEEDS, timeZone)) {
          for (const instant of [new Date(Date.parse(at) - 1).toISOString(), at])
            if (instant > now) agree(decide(records, instant, decision.memory, policy, requests, seen), instant, records);
        }
      }),
      { numRuns: 200 },
    );
  });

  test('whoever is here holds what policy gives them and what was approved for them, but what separation of duties holds back', () => {
    fc.assert(
      fc.property(fc.oneof(busy, history), (steps) =>
        checked(steps, ({ identity, lifecycle, grants, violations }, now, played) => {
          if (lifecycle.state !== 'active' && lifecycle.state !== 'suspended') return;
          const names = grantsAt(grants, now).map(({ name }) => name);
          const back = violations.flatMap(({ withheld }) => withheld);
          for (const { name } of inForce(played)) expect([...names, ...back]).toContain(name);
          for (const rule of document.birthright.filter(({ name }) => name === 'everybody' || name === 'sales'))
            if (isMeant(identity, rule, now)) expect([...names, ...back]).toContain(rule.name === 'sales' ? 'sales' : 'directory.staff');
        }),
      ),
      { numRuns: 200 },
    );
  });

  test('nobody is disabled or removed for inactivity whom something showed alive in time, or of whom nothing is known, or whom a group exempts', () => {
    fc.assert(
      fc.property(history, (steps) =>
        checked(steps, ({ identity, lifecycle, lastActivityAt }, now) => {
          const { inactivity } = lifecycle;
          if (lastActivityAt === null) expect(inactivity).toBeUndefined();
          if (Object.values(identity.groups).some(({ groups }) => groups.includes('others'))) expect(inactivity).toBeUndefined();
          if (inactivity === undefined) return;
          expect(inactivity.standing === 'disabled').toBe(inactivity.disableAt <= now && (inactivity.removeAt ?? '~') > now);
          if (inactivity.standing === 'disabled') expect([lifecycle.state, lifecycle.accounts]).toEqual(['suspended', 'disabled']);
          if (inactivity.standing === 'removed') expect([lifecycle.state, lifecycle.accounts]).toEqual(['left', 'absent']);
        }),
      ),
    );
  });

  test('an end is that of the source, or of an extension of just that end', () => {
    fc.assert(
      fc.property(fc.oneof(contracts, history), (steps) => {
        const { records, requests, seen, now, decision } = play(steps, timeless);
        const holding = records.filter(
          ({ extends: of }) => of != null && records.some(({ id, facts: said }) => id === of.recordId && said['endDate'] === of.endDate),
        );
        // An extension of an end that is not stated now has no effect.
        const others = records.filter(({ source }) => source !== EXTENSION_SOURCE);
        const scratch = decide([...others, ...holding], now, begunIn(decision), timeless, requests, seen);
        expect(access(decision, now)).toBe(access(scratch, now));
        for (const { end } of decision.identity.relationships) if (end?.extended !== undefined) expect(holding.map(({ id }) => id)).toContain(end.recordId);
      }),
      { numRuns: 300 },
    );
  });
});
