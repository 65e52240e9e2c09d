import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startFaultyProxy } from '@tenure/testing/targets/faulty-proxy.ts';
import { type DialectServer, type ScimDialect, startDialectServer } from '@tenure/testing/targets/scim-dialects.ts';
import { type RunningScimServer, startScimServer } from '@tenure/testing/targets/scim-server.ts';
import type { AccountAttributes, AccountRef, MembershipEvidence, MembershipSighting } from '@tenure/domain';
import type { TargetConnector } from '../connector.ts';
import { createScimConnector } from './scim-connector.ts';

const token = 'test-token';
const schemas = ['urn:ietf:params:scim:schemas:core:2.0:User'];
const groupSchemas = ['urn:ietf:params:scim:schemas:core:2.0:Group'];
const identity = '0b5a2c1e-6f0d-4c52-9c53-3a1d2f7d9a10';

let server: RunningScimServer;
let dialects: DialectServer;
let connector: TargetConnector;

interface Resource {
  readonly id: string;
  readonly [attribute: string]: unknown;
}

/** Calls the server itself, without the dialect and the connector. */
async function call(method: string, path: string, body?: object): Promise<Resource> {
  const response = await fetch(`${server.url}/${path}`, {
    method,
    headers: { authorization: `Bearer ${token}` },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  return (response.status === 204 ? {} : await response.json()) as Resource;
}

const makeGroup = (displayName: string, members: readonly string[] = []): Promise<Resource> =>
  call('POST', 'Groups', { schemas: groupSchemas, displayName, members: members.map((value) => ({ value })) });
const makeUser = (userName: string, more: object = {}): Promise<Resource> => call('POST', 'Users', { schemas, userName, ...more });
const refTo = ({ id }: Resource, userName: string): AccountRef => ({ nativeId: id, userName });
const membersOf = async (id: string): Promise<readonly string[]> =>
  ((await call('GET', `Groups/${id}`))['members'] as { value: string }[]).map(({ value }) => value);

beforeEach(async () => {
  server = await startScimServer({ port: 0, token, groups: [] });
  dialects = await startDialectServer(server);
  connector = createScimConnector({ name: 'crm', kind: 'scim', url: dialects.url, token, timeout: 10_000, concurrency: 4, attributes: {} });
});
afterEach(async () => {
  await connector.close();
  await dialects.stop();
  await server.stop();
});

async function sightingOf(ref: AccountRef, entitlement: string, groupId: string | null = null): Promise<MembershipSighting> {
  const seen = await connector.observe(ref, [{ entitlement, groupId, isNeeded: true }]);
  const [sighting] = seen?.memberships ?? [];
  if (!sighting) throw new Error('the question was not answered');
  return sighting;
}

describe('a membership is shown, proved to be gone, or neither; and it is taken in any case', () => {
  type Row = readonly [title: string, dialect: ScimDialect, held: MembershipEvidence, taken: MembershipEvidence];
  const rows: readonly Row[] = [
    ['a server that shows all', {}, 'shown', 'others-shown'],
    ['members: [] and groups: [] always, filters work', { members: 'empty', groups: 'empty' }, 'shown', 'nothing-shown'],
    ['members: [] always, no groups, no filters', { members: 'empty', groups: 'absent', groupFilters: 'refused' }, 'nothing-shown', 'nothing-shown'],
    ['members: [] always, no filters, but users list groups', { members: 'empty', groupFilters: 'refused' }, 'shown', 'nothing-shown'],
    ['filters that make it fail', { groups: 'absent', groupFilters: 'failing' }, 'shown', 'others-shown'],
    ['filters ignored, members shown', { groups: 'absent', groupFilters: 'ignored' }, 'shown', 'others-shown'],
    ['filters ignored, members hidden', { groups: 'absent', members: 'absent', groupFilters: 'ignored' }, 'nothing-shown', 'nothing-shown'],
    ['filters answered with nothing', { groups: 'empty', groupFilters: 'nothing' }, 'shown', 'others-shown'],
    ['filters answered with nothing, members hidden', { groups: 'empty', members: 'empty', groupFilters: 'nothing' }, 'nothing-shown', 'nothing-shown'],
    ['members only when asked for', { groups: 'absent', members: 'if-asked', groupFilters: 'refused' }, 'shown', 'others-shown'],
    [
      'two conditions at once are ignored, one works',
      { groups: 'absent', members: 'empty', groupFilters: 'ignored', groupFiltersBy: 'both-conditions' },
      'shown',
      'nothing-shown',
    ],
    [
      'one condition answered with nothing',
      { groups: 'absent', members: 'empty', groupFilters: 'nothing', groupFiltersBy: 'both-conditions' },
      'shown',
      'nothing-shown',
    ],
    ['one group of each user at most', { mostGroups: 0 }, 'shown', 'others-shown'],
  ];

  test.each(rows)('%s', async (_title, dialect, held, taken) => {
    const [ann, ben] = [await makeUser('ann'), await makeUser('ben')];
    await makeGroup('Other');
    const finance = await makeGroup('Finance', [ben.id]);
    dialects.speak(dialect);
    const ref = refTo(ann, 'ann');
    expect(await connector.addMember('Finance', ref)).toBe(finance.id);
    expect(await membersOf(finance.id)).toEqual([ben.id, ann.id]);
    expect(await sightingOf(ref, 'Finance', finance.id)).toEqual({ entitlement: 'Finance', groupId: finance.id, evidence: held });
    expect((await connector.observe(ref, [{ entitlement: 'Finance', groupId: finance.id, isNeeded: true }]))?.entitlements).toEqual(
      held === 'shown' ? ['Finance'] : [],
    );
    await connector.removeMember('Finance', ref, finance.id);
    expect(await membersOf(finance.id)).toEqual([ben.id]);
    expect(await sightingOf(ref, 'Finance', finance.id)).toEqual({ entitlement: 'Finance', groupId: finance.id, evidence: taken });
  });

  test.each<readonly [string, ScimDialect]>([
    ['shows members', { groupFilters: 'ignored', groups: 'absent' }],
    ['hides members', { groupFilters: 'ignored', groups: 'absent', members: 'empty' }],
  ])('a server that ignores filters, %s and has one group, without the person', async (_title, dialect) => {
    const ann = await makeUser('ann');
    const only = await makeGroup('Only');
    dialects.speak(dialect);
    for (const groupId of [null, only.id]) {
      expect(await sightingOf(refTo(ann, 'ann'), 'Only', groupId)).toMatchObject({ evidence: 'nothing-shown', groupId: only.id });
    }
    expect(await connector.observe(refTo(ann, 'ann'), [{ entitlement: 'Only', groupId: null, isNeeded: false }])).toMatchObject({ entitlements: [] });
  });

  test('a group that is gone is gone, and one that was made anew is another', async () => {
    const ann = await makeUser('ann');
    const old = await makeGroup('Finance', [ann.id]);
    await call('DELETE', `Groups/${old.id}`);
    expect(await sightingOf(refTo(ann, 'ann'), 'Finance', old.id)).toEqual({ entitlement: 'Finance', groupId: old.id, evidence: 'no-such-group' });
    await connector.removeMember('Finance', refTo(ann, 'ann'), old.id);
    const fresh = await makeGroup('Finance', [ann.id]);
    expect(await sightingOf(refTo(ann, 'ann'), 'Finance', old.id)).toEqual({ entitlement: 'Finance', groupId: fresh.id, evidence: 'shown' });
    await connector.removeMember('Finance', refTo(ann, 'ann'), old.id);
    expect(await membersOf(fresh.id)).toEqual([]);
  });

  test('nobody is proved to be out of a group whose name leads nowhere', async () => {
    const ann = await makeUser('ann');
    await makeGroup('Solo EU', [ann.id]);
    expect(await sightingOf(refTo(ann, 'ann'), 'Solo')).toEqual({ entitlement: 'Solo', groupId: null, evidence: 'nothing-shown' });
  });

  test('a token that may not see groups keeps nobody from being disabled', async () => {
    const ann = await makeUser('ann');
    const finance = await makeGroup('Finance', [ann.id]);
    dialects.speak({ rights: 'users-only', groups: 'absent' });
    expect(await sightingOf(refTo(ann, 'ann'), 'Finance', finance.id)).toMatchObject({ evidence: 'not-supported' });
    await connector.disable(refTo(ann, 'ann'));
    expect(await server.look('ann')).toMatchObject({ enabled: false });
    await expect(connector.removeMember('Finance', refTo(ann, 'ann'), finance.id)).rejects.toMatchObject({ code: 'CONNECTOR_REFUSED' });
  });
});

describe('lists that are not whole', () => {
  async function crowd(count: number, name: string): Promise<Resource> {
    const people = await Promise.all(Array.from({ length: count }, (_, index) => makeUser(`${name}-${index}`)));
    return makeGroup(
      name,
      people.map(({ id }) => id),
    );
  }

  test.each<readonly [string, ScimDialect, MembershipEvidence, MembershipEvidence]>([
    ['without filters nothing is proved', { groupFilters: 'refused' }, 'incomplete', 'incomplete'],
    ['with filters that answer with nothing, too', { groupFilters: 'nothing' }, 'incomplete', 'incomplete'],
    ['with filters that work, the member beyond the end is found', {}, 'shown', 'others-shown'],
  ])('a group that shows 20 of its members: %s', async (_title, dialect, held, taken) => {
    const group = await crowd(24, 'Crowd');
    const ann = await makeUser('ann');
    dialects.speak({ ...dialect, mostMembers: 20, groups: 'absent' });
    await connector.addMember('Crowd', refTo(ann, 'ann'));
    expect(await sightingOf(refTo(ann, 'ann'), 'Crowd', group.id)).toMatchObject({ evidence: held });
    await connector.removeMember('Crowd', refTo(ann, 'ann'), group.id);
    expect(await membersOf(group.id)).not.toContain(ann.id);
    expect(await sightingOf(refTo(ann, 'ann'), 'Crowd', group.id)).toMatchObject({ evidence: taken });
  });

  test.each<readonly [string, ScimDialect]>([
    ['the server caps count', { mostPerPage: 2 }],
    ['the server caps count and answers filters with everything', { mostPerPage: 2, groupFilters: 'ignored' }],
    ['users list two of them', { mostGroups: 2 }],
  ])('somebody in more groups than one page: %s', async (_title, dialect) => {
    const ann = await makeUser('ann');
    const names = ['A', 'B', 'C', 'D', 'E', 'F', 'G'];
    for (const name of names) await makeGroup(name, [ann.id]);
    dialects.speak({ groups: dialect.mostGroups === undefined ? 'absent' : undefined, ...dialect } as ScimDialect);
    const questions = names.map((entitlement) => ({ entitlement, groupId: null, isNeeded: true }));
    expect((await connector.observe(refTo(ann, 'ann'), questions))?.entitlements).toEqual(names);
    await connector.removeMember('G', refTo(ann, 'ann'));
    expect((await server.look('ann')).groups).toEqual(names.slice(0, 6));
  });

  test('the same page again and again ends', async () => {
    const ann = await makeUser('ann');
    for (const name of ['A', 'B', 'C', 'D', 'E']) await makeGroup(name, [ann.id]);
    dialects.speak({ groups: 'absent', mostPerPage: 2, startIndex: 'ignored' });
    const questions = ['A', 'E'].map((entitlement) => ({ entitlement, groupId: null, isNeeded: true }));
    expect((await connector.observe(refTo(ann, 'ann'), questions))?.memberships.map(({ evidence }) => evidence)).toEqual(['shown', 'shown']);
    for (const name of ['ben', 'cleo']) await makeUser(name);
    const first = await connector.list();
    await expect(connector.list(first.next ?? '')).rejects.toMatchObject({ code: 'CONNECTOR_UNAVAILABLE' });
  });
});

describe('listing by cursor', () => {
  test('a cursor that has expired ends the listing, and is never taken for its end', async () => {
    for (const name of ['ann', 'ben', 'cleo']) await makeUser(name);
    dialects.speak({ paging: 'expiring', mostPerPage: 1 });
    const first = await connector.list();
    expect(first).toMatchObject({ total: 3, isByPosition: false, items: [{ userName: 'ann' }] });
    const second = await connector.list(first.next ?? '');
    expect(second.items).toMatchObject([{ userName: 'ben' }]);
    await expect(connector.list(first.next ?? '')).rejects.toMatchObject({ code: 'CONNECTOR_UNAVAILABLE', details: { reason: 'CURSOR_EXPIRED' } });
  });

  test('whoever comes and goes between two pages moves nobody else by index unnoticed', async () => {
    for (const name of ['ann', 'ben', 'cleo']) await makeUser(name);
    dialects.speak({ mostPerPage: 1 });
    const { next, total, isByPosition } = await connector.list();
    expect({ total, isByPosition }).toEqual({ total: 3, isByPosition: true });
    await connector.delete({ nativeId: null, userName: 'ann' });
    expect(await connector.list(next ?? '')).toMatchObject({ items: [{ userName: 'cleo' }], total: 2 });
  });
});

describe('groups of a service that lists none with its users', () => {
  /** All memberships of a listing, as `nativeId group`. */
  async function listed(entitlements: readonly string[] = []): Promise<readonly string[]> {
    const found: string[] = [];
    for (let next: string | null | undefined; next !== null; ) {
      const page = await connector.list(next, entitlements);
      expect(page.items.every((item) => item.entitlements.length === 0)).toBe(true);
      found.push(...(page.memberships ?? []).map(({ nativeId, entitlement }) => `${nativeId} ${entitlement}`));
      next = page.next;
    }
    return found.sort();
  }

  test.each<readonly [string, ScimDialect, readonly number[]]>([
    ['one on a page', { mostPerPage: 1 }, [1, 2, 3]],
    ['two on a page', { mostPerPage: 2 }, [1, 3]],
  ])('are read once in a listing, however many pages it has: %s', async (_title, dialect, expected) => {
    const [ann, ben, cleo] = [await makeUser('ann'), await makeUser('ben'), await makeUser('cleo')];
    await makeGroup('Staff', [ann.id, ben.id, cleo.id]);
    await makeGroup('Finance', [ann.id]);
    await makeGroup('Nobody');
    dialects.speak({ groups: 'absent', ...dialect });
    const from = dialects.seen.length;
    const memberships = [`${ann.id} finance`, `${ann.id} Staff`, `${ben.id} Staff`, `${cleo.id} Staff`].sort();
    expect(await listed(['finance', 'Staff'])).toEqual(memberships);
    const lists = dialects.seen.slice(from).filter((line) => line.includes('/Groups?'));
    expect(lists).toEqual(expected.map((start) => `GET /scim/v2/Groups?startIndex=${start}&count=20`));
  });

  test('are read one by one where a list of groups shows no members', async () => {
    const ann = await makeUser('ann');
    await makeGroup('Staff', [ann.id]);
    dialects.speak({ groups: 'absent', members: 'if-asked' });
    expect(await listed()).toEqual([`${ann.id} Staff`]);
  });

  test('come fewer at a time where their members are more than an answer may have', async () => {
    const ann = await makeUser('ann');
    // An answer has at most 16 MB, and all of them together are longer. Members of this server are its users, so something else makes them long.
    for (const displayName of ['A', 'B', 'C', 'D'])
      server.service.create('Groups', { schemas: groupSchemas, displayName, externalId: 'x'.repeat(7_000_000), members: [{ value: ann.id }] });
    dialects.speak({ groups: 'absent' });
    expect(await listed()).toEqual(['A', 'B', 'C', 'D'].map((name) => `${ann.id} ${name}`));
    expect(dialects.seen.filter((line) => line.includes('/Groups?')).map((line) => line.split('count=')[1])).toEqual(['20', '5', '2', '20']);
  });

  test('a service without groups has no memberships', async () => {
    await makeUser('ann');
    const { next } = await connector.list();
    const stranger = await startFaultyProxy(dialects.url);
    const elsewhere = createScimConnector({ name: 'crm', kind: 'scim', url: stranger.url, token, timeout: 10_000, concurrency: 4, attributes: {} });
    try {
      await elsewhere.check();
      stranger.play({ kind: 'status', status: 501 });
      expect(await elsewhere.list(next ?? '')).toMatchObject({ items: [], memberships: [], next: null });
    } finally {
      await elsewhere.close();
      await stranger.stop();
    }
  });
});

describe('names of groups', () => {
  test('a group that was renamed is taken by its id, and another one of that name is left by name', async () => {
    const ann = await makeUser('ann');
    const solo = await makeGroup('Solo');
    const groupId = await connector.addMember('Solo', refTo(ann, 'ann'));
    await call('PATCH', `Groups/${solo.id}`, {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
      Operations: [{ op: 'replace', path: 'displayName', value: 'Solo EU' }],
    });
    const seen = await connector.observe(refTo(ann, 'ann'), [{ entitlement: 'Solo', groupId, isNeeded: true }]);
    expect(seen).toMatchObject({ entitlements: ['Solo'], memberships: [{ entitlement: 'Solo', groupId: solo.id, evidence: 'shown' }] });
    const other = await makeGroup('Solo', [ann.id]);
    await connector.removeMember('Solo', refTo(ann, 'ann'), groupId);
    expect((await server.look('ann')).groups).toEqual([]);
    // A new membership by this name is in the group that has the name now.
    expect(await connector.addMember('Solo', refTo(ann, 'ann'))).toBe(other.id);
  });

  test.each<readonly [string, ScimDialect]>([
    ['users list groups', {}],
    ['groups are asked', { groups: 'absent' }],
    ['names are not filtered', { groups: 'absent', groupFilters: 'refused' }],
    ['filters by name find nothing', { groups: 'absent', groupFilters: 'nothing' }],
  ])('the same name in other case is that group, and is answered as it was asked: %s', async (_title, dialect) => {
    const ann = await makeUser('ann');
    const group = await makeGroup('finance');
    dialects.speak(dialect);
    expect(await connector.addMember('Finance', refTo(ann, 'ann'))).toBe(group.id);
    for (const groupId of [null, group.id]) {
      const seen = await connector.observe(refTo(ann, 'ann'), [{ entitlement: 'Finance', groupId, isNeeded: true }]);
      expect(seen).toMatchObject({ entitlements: ['Finance'], memberships: [{ entitlement: 'Finance', groupId: group.id, evidence: 'shown' }] });
    }
    await connector.removeMember('Finance', refTo(ann, 'ann'));
    expect((await server.look('ann')).groups).toEqual([]);
  });
});

describe('memberships that cannot be written as RFC 7644 says', () => {
  test.each<readonly [string, ScimDialect, number]>([
    ['it knows no filter in a path', { patch: 'no-member-filter' }, 1],
    ['it accepts a filter in a path and does nothing', { patch: 'member-filter-without-effect' }, 2],
    ['it knows no PATCH', { patch: 'none' }, 1],
  ])('one member is taken, the others stay: %s', async (_title, dialect, times) => {
    const [ann, ben, cleo] = [await makeUser('ann'), await makeUser('ben'), await makeUser('cleo')];
    const group = await makeGroup('Finance', [ann.id, ben.id, cleo.id]);
    dialects.speak(dialect);
    for (let time = 0; time < times; time += 1) await connector.removeMember('Finance', refTo(ben, 'ben'), group.id);
    expect(await membersOf(group.id)).toEqual([ann.id, cleo.id]);
  });

  test('a group that hides its members is never written whole: nobody would be left in it', async () => {
    const [ann, ben] = [await makeUser('ann'), await makeUser('ben')];
    const group = await makeGroup('Finance', [ben.id]);
    dialects.speak({ patch: 'none', members: 'empty' });
    await expect(connector.addMember('Finance', refTo(ann, 'ann'))).rejects.toMatchObject({ code: 'CONNECTOR_REFUSED', details: { entitlement: 'Finance' } });
    expect(await membersOf(group.id)).toEqual([ben.id]);
    await expect(connector.removeMember('Finance', refTo(ben, 'ben'), group.id)).rejects.toMatchObject({ code: 'CONNECTOR_REFUSED' });
  });

  test('nor is it tried a second time where nothing at all shows who is in it', async () => {
    const [ann, ben] = [await makeUser('ann'), await makeUser('ben')];
    const group = await makeGroup('Finance');
    dialects.speak({ patch: 'none', members: 'empty', groups: 'empty' });
    for (const [user, name] of [
      [ann, 'ann'],
      [ben, 'ben'],
    ] as const)
      await expect(connector.addMember('Finance', refTo(user, name))).rejects.toMatchObject({ code: 'CONNECTOR_REFUSED' });
    expect(await membersOf(group.id)).toEqual([ann.id]);
    expect(dialects.seen.filter((request) => request.startsWith('PUT'))).toHaveLength(1);
  });

  test('nor one that shows a part of them', async () => {
    const people = await Promise.all(Array.from({ length: 24 }, (_, index) => makeUser(`person-${index}`)));
    const group = await makeGroup(
      'Finance',
      people.map(({ id }) => id),
    );
    dialects.speak({ patch: 'none', mostMembers: 20 });
    const ann = await makeUser('ann');
    await expect(connector.addMember('Finance', refTo(ann, 'ann'))).rejects.toMatchObject({ code: 'CONNECTOR_REFUSED' });
    expect(await membersOf(group.id)).toHaveLength(24);
  });
});

describe('a server that wants to know which version is changed', () => {
  const rows = (['meta', 'header', 'weakened'] as const).flatMap((version) =>
    ([428, 412] as const).flatMap((versionMissing) => (['PATCH', 'PUT'] as const).map((method) => [version, versionMissing, method] as const)),
  );
  test.each(rows)('told by %s, answered with %i, written by %s', async (version, versionMissing, method) => {
    const group = await makeGroup('Finance');
    dialects.speak({ version, versionMissing, ...(method === 'PUT' ? { patch: 'none' } : {}) });
    const account = { userName: 'ann', externalId: identity, enabled: true, attributes: { displayName: 'Ann' } };
    const ref = await connector.create(account);
    await connector.update(ref, { displayName: 'Ann Miller' }, identity);
    await connector.addMember('Finance', ref);
    await connector.disable(ref);
    expect(await server.look('ann')).toEqual({ exists: true, enabled: false, groups: ['Finance'] });
    await connector.removeMember('Finance', ref, group.id);
    expect(await server.look('ann')).toMatchObject({ groups: [] });
    expect(await connector.observe(ref)).toMatchObject({ attributes: { displayName: 'Ann Miller' } });
    await connector.delete(ref);
    expect(await server.look('ann')).toMatchObject({ exists: false });
  });
});

describe('what is not mapped stays', () => {
  const before = {
    externalId: '4711',
    name: { givenName: 'Ann', familyName: 'Old', middleName: 'Maria' },
    emails: [
      { value: 'ann@home.example', type: 'home', primary: true },
      { value: 'old@example.com', type: 'work' },
    ],
    phoneNumbers: [{ value: '+41 79 1', type: 'mobile' }],
    addresses: [
      { locality: 'Thun', type: 'home' },
      { locality: 'Bern', country: 'CH', type: 'work' },
    ],
  };
  const written: AccountAttributes = { 'name.familyName': 'Miller', emails: 'ann@example.com', phoneNumbers: '+41 31 2', 'addresses.locality': 'Basel' };

  test.each<readonly [string, ScimDialect]>([
    ['by PATCH', {}],
    ['by PUT', { patch: 'none' }],
  ])('%s: the mark, the home addresses, the mobile number, the other parts of a name', async (_title, dialect) => {
    const ann = await makeUser('ann', before);
    dialects.speak(dialect);
    await connector.update(refTo(ann, 'ann'), written, identity);
    expect(await call('GET', `Users/${ann.id}`)).toMatchObject({
      externalId: '4711',
      name: { givenName: 'Ann', familyName: 'Miller', middleName: 'Maria' },
      emails: [before.emails[0], { value: 'ann@example.com', type: 'work' }],
      phoneNumbers: [before.phoneNumbers[0], { value: '+41 31 2', type: 'work' }],
      addresses: [before.addresses[0], { locality: 'Basel', country: 'CH', type: 'work' }],
    });
    expect(await connector.observe(refTo(ann, 'ann'))).toMatchObject({ attributes: written });
    await connector.update(refTo(ann, 'ann'), { emails: [], phoneNumbers: [] }, identity);
    const after = await call('GET', `Users/${ann.id}`);
    expect(after['emails']).toEqual([before.emails[0]]);
    expect(after['phoneNumbers']).toEqual([before.phoneNumbers[0]]);
  });

  test('an address that says the same is not written a second time', async () => {
    const ann = await makeUser('ann', { emails: [{ value: 'ann@example.com', type: 'home' }] });
    for (let time = 0; time < 3; time += 1) await connector.update(refTo(ann, 'ann'), { emails: 'ann@example.com' }, identity);
    expect((await call('GET', `Users/${ann.id}`))['emails']).toEqual([{ value: 'ann@example.com', type: 'home' }]);
  });
});

describe('what a server refuses', () => {
  const attributes: AccountAttributes = { displayName: 'Ann Miller', title: 'Director of Something Long', 'name.familyName': 'Miller' };

  type Refuses = NonNullable<ScimDialect['refuses']>;
  test.each<readonly [string, Refuses, object]>([
    [
      'a value, by name',
      { attribute: 'title', status: 400, scimType: 'invalidValue', detail: 'title is too long' },
      { attribute: 'title', scimType: 'invalidValue' },
    ],
    ['a part of a name', { attribute: 'title', status: 400, detail: 'familyName: at most 3' }, { attribute: 'name.familyName' }],
    [
      'an attribute that cannot change',
      { attribute: 'title', status: 400, scimType: 'mutability', detail: 'title' },
      { attribute: 'title', scimType: 'mutability' },
    ],
    ['a value that is taken', { attribute: 'title', status: 409, scimType: 'uniqueness', detail: 'title' }, { attribute: 'title', reason: 'uniqueness' }],
    ['a value, without saying which', { attribute: 'title', status: 400, detail: 'Director is unknown' }, { status: '400' }],
  ])('the error names the attribute where the server does, and quotes nothing: %s', async (_title, refuses, details) => {
    const ann = await makeUser('ann');
    dialects.speak({ refuses });
    const error = await connector.update(refTo(ann, 'ann'), attributes, identity).catch((thrown: Error & { details: Record<string, string> }) => thrown);
    expect(error).toMatchObject({ code: 'CONNECTOR_REFUSED', details: { target: 'crm', ...details } });
    expect(Object.hasOwn((error as { details: object }).details, 'attribute')).toBe('attribute' in details);
    expect(`${error}${JSON.stringify(error)}`).not.toMatch(/Director|too long|at most/);
    await expect(connector.update(refTo(ann, 'ann'), { title: 'Director' }, identity)).rejects.toMatchObject({ details: { attribute: 'title' } });
  });

  test('a server that takes no mark gets the attributes all the same', async () => {
    const ann = await makeUser('ann');
    dialects.speak({ refuses: { attribute: 'externalId', status: 400, scimType: 'mutability', detail: 'externalId' } });
    await connector.update(refTo(ann, 'ann'), attributes, identity);
    expect(await call('GET', `Users/${ann.id}`)).toMatchObject({ title: attributes['title'] });
  });

  test('a create that clashes with another value than the name is no conflict of names', async () => {
    dialects.speak({ refuses: { attribute: 'emails', status: 409, scimType: 'uniqueness', detail: 'emails: that value is taken' } });
    const creating = connector.create({ userName: 'ann', externalId: identity, enabled: true, attributes: { emails: 'ann@example.com', title: 'Clerk' } });
    await expect(creating).rejects.toMatchObject({ code: 'CONNECTOR_REFUSED', details: { reason: 'uniqueness', attribute: 'emails' } });
  });

  test.each<readonly [string, ScimDialect]>([
    ['paths are refused', { patch: 'no-path' }],
    ['there is no PATCH', { patch: 'none' }],
  ])('an account is disabled all the same: %s', async (_title, dialect) => {
    const ann = await makeUser('ann', { title: 'Clerk' });
    dialects.speak(dialect);
    await connector.disable(refTo(ann, 'ann'));
    expect(await call('GET', `Users/${ann.id}`)).toMatchObject({ active: false, title: 'Clerk' });
  });

  test('what does not say whether somebody can log in is not taken for a yes or a no', async () => {
    const ann = await makeUser('ann');
    dialects.speak({ active: 'absent' });
    expect(await connector.observe(refTo(ann, 'ann'))).toMatchObject({ enabled: null });
    await connector.disable(refTo(ann, 'ann'));
    expect(await server.look('ann')).toMatchObject({ enabled: false });
  });
});
