import { describe, expect, test } from '@jest/globals';
import { compilePolicy } from '../policy/compile-policy.ts';
import { type AccessDecision, type AccessQuestion, decideAccess } from '../access/decide-access.ts';
import { type Instant, OPERATOR_SOURCE, type SourceRecord } from '../identity/facts.ts';
import type { LifecycleRule } from '../policy/policy.ts';
import { DOCUMENT, record } from '../testing/people.ts';

type Terms = NonNullable<LifecycleRule['inactivity']>;
const usual: Terms = { warn: 'P60D', disable: 'P90D', remove: 'P180D', exempt: ['break-glass'] };
const policyOf = (inactivity: Terms) =>
  compilePolicy({ ...DOCUMENT, lifecycle: [{ name: 'all', start: {}, end: { grace: 'P30D', then: 'keep' }, inactivity }] }, 1);
const about = { id: 'i-1', userName: 'ada', userType: 'employee' as const, createdAt: '2026-01-01T00:00:00.000Z' };

/** A person from HR who logs in; each step decides again, as the running system does. */
class Life {
  decision: AccessDecision | null = null;
  private readonly records = new Map<string, SourceRecord>([['hr', record({ id: 'hr', source: 'hr', status: 'active', facts: { department: 'Sales' } })]]);
  private reported: readonly Instant[] = [];
  constructor(private readonly terms: Terms = usual) {}
  ask(now: Instant): this {
    this.decision = decideAccess(this.question(now));
    return this;
  }
  login(now: Instant, groups: readonly string[] | null = null): this {
    this.records.set('login', record({ id: 'login', source: 'saml', groups, recordedAt: now }));
    return this.ask(now);
  }
  vouch(now: Instant): this {
    this.records.set('operator', record({ id: 'operator', source: OPERATOR_SOURCE, recordedAt: now }));
    return this.ask(now);
  }
  report(at: Instant, now: Instant): this {
    this.reported = [at];
    return this.ask(now);
  }
  facts(now: Instant, facts: SourceRecord['facts'], more: Partial<SourceRecord> = {}): this {
    this.records.set('hr', record({ id: 'hr', source: 'hr', status: 'active', facts, ...more }));
    return this.ask(now);
  }
  /** Moves the clock to an instant, with a decision at each wake-up. */
  until(end: Instant): this {
    for (let next = this.decision?.nextWakeUp ?? null; next !== null && next <= end; next = this.decision?.nextWakeUp ?? null) this.ask(next);
    return this.ask(end);
  }
  get stand(): string {
    const { state, accounts, inactivity } = this.decision?.lifecycle ?? {};
    return [state, accounts, inactivity?.standing ?? 'not watched'].join(' ');
  }
  private question(now: Instant): AccessQuestion {
    const memory = this.decision?.memory ?? { activations: {}, endings: {} };
    const of = { records: [...this.records.values()], reportedActivity: this.reported, logins: ['saml'], precedence: { default: ['hr'], attributes: {} } };
    return { ...about, ...of, authoritative: ['hr'], timeZone: 'Europe/Berlin', now, policy: policyOf(this.terms), memory, exceptions: [] };
  }
}

/** Days in Berlin end at 23:00Z in winter, at 22:00Z in summer; the clock changes on 29 March. */
const first = '2026-01-10T09:00:00.000Z';

describe('who is not heard of', () => {
  test.each([
    ['just before the warning', '2026-03-11T22:59:59.999Z', 'active enabled watched'],
    ['sixty days after the day of the last login', '2026-03-11T23:00:00.000Z', 'active enabled warned'],
    ['just before the end of the ninetieth day, which is in summer time', '2026-04-10T21:59:59.999Z', 'active enabled warned'],
    ['ninety days after', '2026-04-10T22:00:00.000Z', 'suspended disabled disabled'],
    ['just before it is removed', '2026-07-09T21:59:59.999Z', 'suspended disabled disabled'],
    ['a hundred and eighty days after', '2026-07-09T22:00:00.000Z', 'left absent removed'],
    ['for ever', '2027-07-09T22:00:00.000Z', 'left absent removed'],
  ])('%s', (_, now, expected) => {
    expect(new Life().login(first).until(now).stand).toBe(expected);
    // The result is the same without a wake-up in between.
    expect(new Life().login(first).ask(now).stand).toBe(expected);
  });

  test('wakes up for the warning, the disabling and the removal, and for nothing else', () => {
    const wakes: (string | null | undefined)[] = [];
    const life = new Life().login(first);
    for (let step = 0; step < 4; step += 1) {
      const next = life.decision?.nextWakeUp ?? null;
      wakes.push(next);
      if (next !== null) life.ask(next);
    }
    expect(wakes).toEqual(['2026-03-11T23:00:00.000Z', '2026-04-10T22:00:00.000Z', '2026-07-09T22:00:00.000Z', null]);
  });

  test('keeps what policy gives while disabled, and holds it as soon as active again', () => {
    const life = new Life().login(first).until('2026-05-01T00:00:00.000Z');
    expect(life.decision?.grants).not.toEqual([]);
    expect(life.decision?.lifecycle.why).toBe('inactive since 2026-01-10T23:00:00.000Z');
  });
});

describe('who counts as active', () => {
  test('whoever logs in in time, also after the warning', () => {
    const life = new Life().login(first).until('2026-03-20T00:00:00.000Z');
    expect(life.stand).toBe('active enabled warned');
    expect(life.login('2026-04-10T21:59:59.999Z').stand).toBe('active enabled watched');
    expect(life.decision?.nextWakeUp).toBe('2026-06-09T22:00:00.000Z');
  });

  test('nobody of whom nothing is known yet: a cold start counts for nothing', () => {
    expect(new Life().ask(first).until('2030-01-01T00:00:00.000Z').stand).toBe('active enabled not watched');
  });

  test('nobody before they could have been warned: the time begins when it is first watched', () => {
    const life = new Life().report('2024-01-01T00:00:00.000Z', first);
    expect(life.stand).toBe('active enabled watched');
    expect(life.decision?.nextWakeUp).toBe('2026-03-11T23:00:00.000Z');
    expect(life.decision?.lastActivityAt).toBe('2024-01-01T00:00:00.000Z');
  });

  test('whoever a target has seen, also where that is told late', () => {
    const life = new Life().login(first).until('2026-04-15T00:00:00.000Z');
    expect(life.report('2026-04-09T12:00:00.000Z', '2026-04-16T00:00:00.000Z').stand).toBe('active enabled watched');
  });

  test('whoever is in an exempt group, and the time begins anew when they no longer are', () => {
    const life = new Life().login(first, ['break-glass']).until('2027-01-01T00:00:00.000Z');
    expect(life.stand).toBe('active enabled not watched');
    expect(new Life({ ...usual, exempt: [] }).login(first, ['break-glass']).until('2026-04-11T00:00:00.000Z').stand).toBe('suspended disabled disabled');
  });

  test('whoever is on leave, and for as long again when they are back', () => {
    const life = new Life().login(first).facts(first, { leaveStart: '2026-02-01', leaveEnd: '2026-06-30' });
    expect(life.until('2026-06-01T00:00:00.000Z').stand).toBe('suspended disabled not watched');
    expect(life.until('2026-07-02T00:00:00.000Z').stand).toBe('active enabled watched');
    expect(life.until('2026-09-01T00:00:00.000Z').stand).toBe('active enabled warned');
    // An early return, which removes the dates.
    const early = new Life().login(first).facts(first, { leaveStart: '2026-02-01', leaveEnd: null }).until('2026-08-01T00:00:00.000Z');
    expect(early.facts('2026-08-01T09:00:00.000Z', { leaveStart: null }).stand).toBe('active enabled watched');
  });
});

describe('who was disabled', () => {
  const disabled = (terms?: Terms) => new Life(terms).login(first).until('2026-05-01T00:00:00.000Z');

  test('comes back by a word of an operator, and not by a login or a report', () => {
    expect(disabled().login('2026-05-01T10:00:00.000Z').stand).toBe('suspended disabled disabled');
    expect(disabled().report('2026-05-01T10:00:00.000Z', '2026-05-01T11:00:00.000Z').stand).toBe('suspended disabled disabled');
    expect(disabled().vouch('2026-05-01T10:00:00.000Z').stand).toBe('active enabled watched');
  });

  test('comes back by a login where the rule says so, but not once removed', () => {
    const byLogin: Terms = { ...usual, reactivate: 'login' };
    expect(disabled(byLogin).login('2026-05-01T10:00:00.000Z').stand).toBe('active enabled watched');
    const removed = disabled(byLogin).until('2026-08-01T00:00:00.000Z');
    expect(removed.login('2026-08-01T10:00:00.000Z').stand).toBe('left absent removed');
    expect(removed.vouch('2026-08-01T11:00:00.000Z').stand).toBe('active enabled watched');
  });

  test('does not come back by a leave', () => {
    const life = disabled().facts('2026-05-01T00:00:00.000Z', { leaveStart: '2026-05-02', leaveEnd: '2026-05-20' });
    expect(life.until('2026-06-01T00:00:00.000Z').stand).toBe('suspended disabled disabled');
  });

  test('or removed leaves like anybody else when the end comes first, and stays removed when it comes later', () => {
    const facts = { endDate: '2026-06-30' };
    expect(disabled().facts('2026-05-01T00:00:00.000Z', facts).until('2026-07-15T00:00:00.000Z').stand).toBe('leaving disabled not watched');
    const late = disabled().facts('2026-05-01T00:00:00.000Z', { endDate: '2026-08-31' });
    expect(late.until('2026-09-15T00:00:00.000Z').stand).toBe('left absent removed');
  });

  test('is active again when hired again', () => {
    const life = disabled().until('2026-08-01T00:00:00.000Z');
    expect(life.facts('2026-09-01T00:00:00.000Z', { startDate: '2026-09-01' }).stand).toBe('active enabled watched');
  });
});
