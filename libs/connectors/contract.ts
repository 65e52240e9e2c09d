import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { AccountAttributes, AccountRef, DomainError, ErrorCode, ObservedAccount } from '@tenure/domain';
import type { ListedMembership, NewAccount, TargetConnector } from './connector.ts';
import { type FlakyLink, openLink } from './flaky-link.ts';

/** Real state in the target, read by other means than the connector. */
export interface LookedUp {
  readonly exists: boolean;
  readonly enabled: boolean;
  readonly groups: readonly string[];
}

/** Differences of a test from the usual connection. */
export interface ConnectOptions {
  readonly host: string;
  readonly port: number;
  /** Timeout in milliseconds. */
  readonly timeout?: number;
  readonly wrongCredentials?: boolean;
}

/** A real target of one kind, set up by its test. */
export interface ConnectorHarness {
  readonly name: string;
  /** Address of the real target. Called after `start`. */
  address(): { readonly host: string; readonly port: number };
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Removes all accounts; afterwards the groups `groups` exist, without members. */
  reset(): Promise<void>;
  connect(options: ConnectOptions): TargetConnector;
  look(userName: string): Promise<LookedUp>;
  /** Two existing groups. */
  readonly groups: readonly [string, string];
  /** Minimal attributes of an account, with this text as the person's name. */
  attributes(text: string): AccountAttributes;
  /** False if groups whose names differ only by case are different groups. */
  readonly areGroupsCaseless?: false;
  /** Name of a changeable attribute of `attributes`. */
  readonly changeable: string;
  /** Creates this many accounts without the connector. */
  fill(count: number): Promise<void>;
  /** Makes all accounts members of this group, without the connector. */
  join(group: string): Promise<void>;
  /** Creates a connector to an address that answers with a redirect; absent where the protocol has none. */
  readonly redirected?: () => Promise<TargetConnector>;
}

const identity = '0b5a2c1e-6f0d-4c52-9c53-3a1d2f7d9a10';
const other = 'f5a0a6e2-2d0c-4c3e-8a40-0c6f6b0f7c11';
/** More accounts than the longest page of any connector. */
const many = 505;
/** Names with special characters of JSON, LDAP filters, DNs, SQL, SCIM filters, URLs and HTML, and some beyond ASCII. */
const oddNames = [
  "o'brien",
  'say "hi"',
  'back\\slash',
  'a*)(uid=*',
  '*',
  "x'; DROP TABLE accounts; --",
  '" or userName pr or userName eq "',
  'comma, plus+ and = <sharp> #1; semicolon',
  ' leads',
  'trails ',
  '#hash',
  '../../Groups',
  'ünïcødé 名前 🙂',
  '${jndi} :userName $1 %41',
] as const;

/** Declares the tests of the contract of every connector, against a real target. */
export function describeConnector(harness: ConnectorHarness): void {
  describe(`${harness.name} connector`, () => {
    const opened: TargetConnector[] = [];
    let link: FlakyLink;
    let connector: TargetConnector;

    function connect(options: Partial<ConnectOptions> = {}): TargetConnector {
      const made = harness.connect({ host: link.host, port: link.port, ...options });
      opened.push(made);
      return made;
    }

    beforeAll(async () => {
      await harness.start();
      link = await openLink(harness.address());
    });
    beforeEach(async () => {
      await Promise.all(opened.splice(0).map((each) => each.close()));
      await harness.reset();
      connector = connect();
    });
    afterAll(async () => {
      await Promise.all(opened.map((each) => each.close()));
      await link.down();
      await harness.stop();
    });

    const account = (userName: string, more: Partial<NewAccount> = {}): NewAccount => ({
      userName,
      externalId: identity,
      enabled: true,
      attributes: harness.attributes(userName),
      ...more,
    });
    const refOf = ({ nativeId, userName }: ObservedAccount): AccountRef => ({ nativeId, userName });
    const named = (userName: string): AccountRef => ({ nativeId: null, userName });
    async function everything(
      from: TargetConnector = connector,
      entitlements: readonly string[] = [],
    ): Promise<{ items: readonly ObservedAccount[]; totals: readonly (number | null)[] }> {
      const items: ObservedAccount[] = [];
      const totals: (number | null)[] = [];
      const apart: ListedMembership[] = [];
      for (let next: string | null | undefined; next !== null; ) {
        const page = await from.list(next, entitlements);
        items.push(...page.items);
        if (page.memberships === undefined) totals.push(page.total);
        else apart.push(...page.memberships);
        next = page.next;
      }
      return { items: items.map((item) => withMemberships(item, apart)), totals };
    }

    describe('accounts', () => {
      test('checks that the target can be reached', async () => {
        await connector.check();
      });

      test('creates an account and reads back what it wrote', async () => {
        const created = await connector.create(account('ann'));
        expect(created).toMatchObject({ userName: 'ann', externalId: identity, enabled: true, entitlements: [], attributes: harness.attributes('ann') });
        expect(await connector.observe(refOf(created))).toEqual(created);
        expect(await connector.observe(named('ann'))).toEqual(created);
        expect(await harness.look('ann')).toEqual({ exists: true, enabled: true, groups: [] });
      });

      test('creates an account that is disabled from the start', async () => {
        expect(await connector.create(account('ann', { enabled: false }))).toMatchObject({ enabled: false });
        expect(await harness.look('ann')).toMatchObject({ exists: true, enabled: false });
      });

      test('says that there is a conflict when the name is taken, and changes nothing', async () => {
        const created = await connector.create(account('ann'));
        await expectCode(connector.create(account('ann', { externalId: other, attributes: harness.attributes('somebody else') })), 'ACCOUNT_CONFLICT');
        expect(await connector.observe(refOf(created))).toEqual(created);
      });

      test('updates the named attributes, and nothing else', async () => {
        const created = await connector.create(account('ann'));
        await connector.addMember(harness.groups[0], refOf(created));
        await connector.update(refOf(created), { [harness.changeable]: 'changed' }, identity);
        const expected = { ...created, attributes: { ...created.attributes, [harness.changeable]: 'changed' }, entitlements: [harness.groups[0]] };
        expect(await connector.observe(refOf(created))).toEqual(expected);
        await connector.update(refOf(created), { [harness.changeable]: 'changed' }, identity);
        expect(await connector.observe(refOf(created))).toEqual(expected);
      });

      test('takes a value away where there is to be none', async () => {
        const created = await connector.create(account('ada', { attributes: { ...harness.attributes('Ada'), [harness.changeable]: 'something' } }));
        await connector.update(refOf(created), { [harness.changeable]: [] }, identity);
        const seen = await connector.observe(refOf(created));
        expect(seen?.attributes[harness.changeable]).toBeUndefined();
        await connector.update(refOf(created), { [harness.changeable]: [] }, identity);
      });

      test('leaves its mark on an account that bears none', async () => {
        await harness.fill(1);
        const [found] = (await everything()).items;
        if (!found) throw new Error('there is no account');
        expect(found.externalId).toBeNull();
        await connector.update(refOf(found), { [harness.changeable]: 'changed' }, identity);
        expect(await connector.observe(refOf(found))).toMatchObject({ externalId: identity, attributes: { [harness.changeable]: 'changed' } });
      });

      test('never replaces a mark that somebody else has left', async () => {
        const created = await connector.create(account('ann', { externalId: other }));
        await connector.update(named('ann'), { [harness.changeable]: 'changed' }, identity);
        expect(await connector.observe(refOf(created))).toEqual({ ...created, attributes: { ...created.attributes, [harness.changeable]: 'changed' } });
      });

      test('replaces the mark of an identity to which the account belonged before, alone and beside an attribute', async () => {
        const created = await connector.create(account('ann', { externalId: other }));
        await connector.update(named('ann'), {}, identity, [other]);
        expect(await connector.observe(refOf(created))).toEqual({ ...created, externalId: identity });
        await connector.update(refOf(created), { [harness.changeable]: 'changed' }, other, [identity]);
        expect(await connector.observe(refOf(created))).toEqual({ ...created, attributes: { ...created.attributes, [harness.changeable]: 'changed' } });
      });

      test('disables and enables, and doing it again is harmless', async () => {
        const ref = refOf(await connector.create(account('ann')));
        for (const which of [ref, named('ann'), ref]) {
          await connector.disable(which);
          expect(await harness.look('ann')).toMatchObject({ exists: true, enabled: false });
          expect(await connector.observe(which)).toMatchObject({ enabled: false });
        }
        for (const which of [ref, named('ann')]) {
          await connector.enable(which);
          expect(await harness.look('ann')).toMatchObject({ exists: true, enabled: true });
          expect(await connector.observe(which)).toMatchObject({ enabled: true });
        }
      });

      test('deletes, and doing it again is harmless', async () => {
        const ref = refOf(await connector.create(account('ann')));
        await connector.delete(ref);
        expect(await harness.look('ann')).toMatchObject({ exists: false });
        await connector.delete(ref);
        await connector.delete(named('ann'));
      });

      test('an account that is gone: disabling and removing succeed, the rest says that it is not there', async () => {
        const ref = refOf(await connector.create(account('ann')));
        await connector.delete(ref);
        for (const which of [ref, named('ann')]) {
          expect(await connector.observe(which)).toBeNull();
          await connector.disable(which);
          await connector.removeMember(harness.groups[0], which);
          await expectCode(connector.enable(which), 'ACCOUNT_NOT_FOUND');
          await expectCode(connector.update(which, harness.attributes('x'), identity), 'ACCOUNT_NOT_FOUND');
          await expectCode(connector.addMember(harness.groups[0], which), 'ACCOUNT_NOT_FOUND');
        }
      });

      test('a new account of the same name inherits nothing', async () => {
        const first = refOf(await connector.create(account('ann')));
        await connector.addMember(harness.groups[0], first);
        await connector.delete(first);
        const second = await connector.create(account('ann'));
        expect(second).toMatchObject({ enabled: true, entitlements: [] });
        expect(second.nativeId).not.toBe(first.nativeId);
        expect(await connector.observe(first)).toBeNull();
      });
    });

    describe('memberships', () => {
      test('adds and removes, and doing it again is harmless', async () => {
        const ann = refOf(await connector.create(account('ann')));
        const ben = refOf(await connector.create(account('ben', { externalId: other })));
        const [one, two] = harness.groups;
        for (const which of [ann, named('ann')]) await connector.addMember(one, which);
        await connector.addMember(two, ann);
        await connector.addMember(one, ben);
        expect(await connector.observe(ann)).toMatchObject({ entitlements: [one, two].sort() });
        expect((await harness.look('ann')).groups).toEqual([one, two].sort());
        for (const which of [ann, named('ann')]) await connector.removeMember(one, which);
        expect((await harness.look('ann')).groups).toEqual([two]);
        expect((await harness.look('ben')).groups).toEqual([one]);
        await connector.removeMember(one, ben);
        await connector.removeMember(one, ben);
        expect((await harness.look('ben')).groups).toEqual([]);
      });

      test('many members at a time do not displace one another', async () => {
        const names = Array.from({ length: 12 }, (_, index) => `member-${index}`);
        const refs: AccountRef[] = [];
        for (const name of names) refs.push(refOf(await connector.create(account(name))));
        await Promise.all(refs.map((ref) => untilDone(() => connector.addMember(harness.groups[0], ref))));
        for (const name of names) expect((await harness.look(name)).groups).toEqual([harness.groups[0]]);
      });

      test('a group that is not there is refused, and has nobody to remove', async () => {
        const ref = refOf(await connector.create(account('ann')));
        await expectCode(connector.addMember('no-such-group', ref), 'CONNECTOR_REFUSED');
        await connector.removeMember('no-such-group', ref);
      });
    });

    describe('listing', () => {
      test('is empty when there is nobody', async () => {
        expect((await everything()).items).toEqual([]);
      });

      test('goes through all pages, with marks and memberships, and says how many there are where it can', async () => {
        await harness.fill(many);
        const ann = await connector.create(account('ann'));
        await connector.addMember(harness.groups[1], refOf(ann));
        const { items, totals } = await everything();
        expect(new Set(items.map(({ nativeId }) => nativeId)).size).toBe(many + 1);
        expect(items).toHaveLength(many + 1);
        expect(totals.length).toBeGreaterThan(1);
        for (const total of totals) expect([null, many + 1]).toContain(total);
        expect(items.find(({ userName }) => userName === 'ann')).toEqual({ ...ann, entitlements: [harness.groups[1]] });
      });

      test('returns state, mapped attributes and memberships of managed groups on every page, and what proves that it is whole', async () => {
        await harness.fill(many);
        const [one, two] = harness.groups;
        const ann = await connector.create(account('ann', { enabled: false }));
        await connector.addMember(one, refOf(ann));
        await connector.addMember(two, refOf(ann));
        const ids = new Set<string>();
        for (let next: string | null | undefined; next !== null; ) {
          const page = await connector.list(next, [one.toUpperCase(), two]);
          expect(page).toMatchObject({ doubt: null, isByPosition: expect.any(Boolean) });
          for (const { nativeId } of page.items) ids.add(nativeId);
          next = page.next;
        }
        const { items } = await everything(connector, [one.toUpperCase(), two]);
        const listed = items.find(({ userName }) => userName === 'ann');
        expect(ids.size).toBe(many + 1);
        expect(listed).toMatchObject({ nativeId: ann.nativeId, enabled: false, externalId: identity, attributes: harness.attributes('ann') });
        expect(listed?.entitlements).toEqual([harness.areGroupsCaseless === false ? one : one.toUpperCase(), two].sort());
      });

      test('shows the members of a large group, in the form of the policy, and lists an account that goes away meanwhile or not', async () => {
        await harness.fill(many);
        const [one] = harness.groups;
        await harness.join(one);
        const first = await connector.list(undefined, [one]);
        const { items, totals } = await everything(connector, [one]);
        expect(items).toHaveLength(many);
        expect(items.every(({ entitlements }) => entitlements.join() === one)).toBe(true);
        expect(new Set(totals).size).toBe(1);
        // The last of the others goes between the first page and the next one.
        const [gone] = items.filter(({ nativeId }) => !first.items.some((item) => item.nativeId === nativeId)).slice(-1);
        if (gone === undefined) throw new Error('there is one page only');
        await connector.delete(refOf(gone));
        const rest: ObservedAccount[] = [];
        for (let { next } = first; next !== null; ) {
          const page = await connector.list(next, [one]).catch((error: DomainError) => {
            // A list that is shorter than announced is an error there.
            expect(error.code).toBe('CONNECTOR_UNAVAILABLE');
            return { items: [], next: null };
          });
          rest.push(...page.items);
          next = page.next;
        }
        expect(rest.some(({ nativeId }) => nativeId === gone.nativeId)).toBe(false);
      });

      test('goes on in another process', async () => {
        await harness.fill(many);
        const first = await connector.list();
        const { items } = await connect().list(first.next ?? '');
        const seen = new Set(first.items.map(({ nativeId }) => nativeId));
        expect(items.length).toBeGreaterThan(0);
        expect(items.some(({ nativeId }) => seen.has(nativeId))).toBe(false);
      });
    });

    describe('odd characters', () => {
      test.each(oddNames)('%j is a name like any other', async (userName) => {
        await connector.create(account('bystander', { externalId: other }));
        const before = await harness.look('bystander');
        expect(await connector.observe(named(userName))).toBeNull();
        const created = await connector.create(account(userName));
        const ref = refOf(created);
        expect(created).toMatchObject({ userName, attributes: harness.attributes(userName) });
        expect(await connector.observe(named(userName))).toEqual(created);
        await connector.addMember(harness.groups[0], named(userName));
        await connector.update(named(userName), { [harness.changeable]: `${userName}!` }, identity);
        await connector.disable(named(userName));
        expect(await connector.observe(ref)).toMatchObject({
          enabled: false,
          entitlements: [harness.groups[0]],
          attributes: { [harness.changeable]: `${userName}!` },
        });
        expect(await harness.look(userName)).toEqual({ exists: true, enabled: false, groups: [harness.groups[0]] });
        await connector.removeMember(harness.groups[0], named(userName));
        await connector.delete(named(userName));
        expect(await harness.look('bystander')).toEqual(before);
        expect((await everything()).items.map((each) => each.userName)).toEqual(['bystander']);
      });

      test('an odd name of a group finds no group', async () => {
        const ref = refOf(await connector.create(account('ann')));
        for (const name of ['*', '" or displayName pr or displayName eq "', "' OR '1'='1", 'a)(cn=*']) {
          await connector.removeMember(name, ref);
          await expectCode(connector.addMember(name, ref), 'CONNECTOR_REFUSED');
        }
        expect((await harness.look('ann')).groups).toEqual([]);
      });
    });

    describe('when the target does not answer properly', () => {
      const calls: readonly (readonly [string, (connector: TargetConnector, ref: AccountRef) => Promise<unknown>])[] = [
        ['check', (at) => at.check()],
        ['list', (at) => at.list()],
        ['observe', (at, ref) => at.observe(ref)],
        ['create', (at) => at.create(account('ben'))],
        ['update', (at, ref) => at.update(ref, harness.attributes('x'), identity)],
        ['enable', (at, ref) => at.enable(ref)],
        ['disable', (at, ref) => at.disable(ref)],
        ['delete', (at, ref) => at.delete(ref)],
        ['addMember', (at, ref) => at.addMember(harness.groups[0], ref)],
        ['removeMember', (at, ref) => at.removeMember(harness.groups[0], ref)],
      ];

      test.each(calls)('%s is unavailable while the target is down, and works again when it is back', async (_name, call) => {
        const ref = refOf(await connector.create(account('ann')));
        await link.down();
        try {
          for (const which of [ref, named('ann')]) await expectUnavailable(call(connector, which));
        } finally {
          await link.up();
        }
        await call(connector, ref);
      });

      test.each(calls)('%s ends in time when nothing is answered', async (_name, call) => {
        const ref = refOf(await connector.create(account('ann')));
        const warm = connect({ timeout: 300 });
        await untilDone(() => warm.check());
        const cold = connect({ timeout: 300 });
        link.set('silent');
        try {
          for (const at of [warm, cold]) {
            const begin = performance.now();
            await expectUnavailable(call(at, ref));
            // Many times its limit, and far less than a hanging call takes on a slow machine.
            expect(performance.now() - begin).toBeLessThan(60_000);
          }
        } finally {
          link.set('open');
        }
        await untilDone(() => call(warm, ref));
      });

      test('works again after connections were dropped while idle', async () => {
        const ref = refOf(await connector.create(account('ann')));
        link.drop();
        expect(await untilDone(() => connector.observe(ref))).toMatchObject({ userName: 'ann' });
      });

      test('a create whose answer was lost is found again by its mark', async () => {
        await connector.check();
        link.set('answer-lost');
        try {
          await expectUnavailable(connector.create(account('ann')));
        } finally {
          link.set('open');
        }
        const again = await connector.create(account('ann')).catch((error: DomainError) => error.code);
        if (typeof again === 'string') expect(again).toBe('ACCOUNT_CONFLICT');
        expect(await connector.observe(named('ann'))).toMatchObject({ externalId: identity });
        expect((await everything()).items).toHaveLength(1);
      });

      test.each(calls)('%s is refused with wrong credentials', async (_name, call) => {
        const ref = refOf(await connector.create(account('ann')));
        await expectCode(call(connect({ wrongCredentials: true }), ref), 'CONNECTOR_REFUSED');
      });

      const { redirected } = harness;
      if (redirected) {
        test('does not follow a redirect', async () => {
          const at = await redirected();
          opened.push(at);
          await expectUnavailable(at.check());
          await expectUnavailable(at.observe(named('ann')));
          await expectUnavailable(at.list());
        });
      }

      test('errors name the target but no person', async () => {
        const secret = 'Wilhelmine';
        await connector.create(account(secret));
        const errors = [
          await rejected(connector.create(account(secret))),
          await rejected(connect({ wrongCredentials: true }).observe(named(secret))),
          await rejected(connector.enable(named(`${secret}-who-is-gone`))),
        ];
        for (const { message, details } of errors) {
          expect(`${message}${JSON.stringify(details)}`).not.toContain(secret);
          expect(details['target']).toBeTruthy();
        }
      });
    });
  });
}

/** An account of the listing, with the memberships that came by group. */
function withMemberships(item: ObservedAccount, apart: readonly ListedMembership[]): ObservedAccount {
  const names = apart.flatMap(({ nativeId, entitlement }) => (nativeId === item.nativeId ? entitlement : []));
  return item.entitlements.length > 0 || names.length === 0 ? item : { ...item, entitlements: [...new Set(names)].sort() };
}

/** Retries, like Temporal, while the error is retryable. */
async function untilDone<T>(call: () => Promise<T>, deadline = performance.now() + 90_000): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!(error as DomainError).retryable || performance.now() > deadline) throw error;
    return untilDone(call, deadline);
  }
}

async function rejected(promise: Promise<unknown>): Promise<DomainError> {
  return promise.then(
    () => {
      throw new Error('it succeeded');
    },
    (error: DomainError) => error,
  );
}

async function expectCode(promise: Promise<unknown>, code: ErrorCode): Promise<DomainError> {
  const error = await rejected(promise);
  if (error.code !== code) throw new Error(`expected ${code}`, { cause: error });
  return error;
}

async function expectUnavailable(promise: Promise<unknown>): Promise<void> {
  const error = await expectCode(promise, 'CONNECTOR_UNAVAILABLE');
  expect(error.retryable).toBe(true);
}
