import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createTestApi, type TestApi } from '../api.ts';
import { type HostileOp, startHostileOp } from './hostile-op.ts';
import { createVisitor, expectAccepted, expectRefused, logIn, sessionCookie } from './login-attempt.ts';
import { decideIdentity } from '@tenure/engine/decide';

/**
 * Identity of a person at a login: issuer and subject, and nothing that only looks like them. HR has hired Vera; others try to pass for her. `corp`
 * is trusted for her domain, `stranger` for its own, and neither may create people; `open` may.
 */
let api: TestApi;
const providers = { corp: null as HostileOp | null, stranger: null as HostileOp | null, open: null as HostileOp | null };
type Name = keyof typeof providers;

const op = (name: Name): HostileOp => {
  const found = providers[name];
  if (found === null) throw new Error('not started');
  return found;
};

const provider = (name: Name, domain: string, mayCreate: boolean) => `
  ${name}:
    title: ${name}
    protocol: oidc
    issuer: ${op(name).issuer}
    clientId: tenure
    mayCreate: ${mayCreate}
    userType: contractor
    trustedEmailDomains: [${domain}]
    emailVerified: claims.email_verified == true
    attributes: { email: claims.email, displayName: claims.name, employeeNumber: claims.number, endDate: claims.ends }
    correlate: [{ attribute: employeeNumber }, { email: true }]`;

beforeAll(async () => {
  for (const name of Object.keys(providers) as Name[]) {
    providers[name] = await startHostileOp();
    op(name).clock = () => Date.parse(api.now);
  }
  api = await createTestApi({
    url: 'https://tenure.example',
    app: { loginRateLimit: 10_000 },
    tenureYaml: `
url: http://localhost:4000
timeZone: UTC
attributes: { displayName: { type: string }, email: { type: string }, employeeNumber: { type: string }, personId: { type: string }, department: { type: string }, endDate: { type: instant } }
precedence: { default: [hr, corp, stranger, open] }
sources:
  hr: { title: HR, authoritative: true, mayCreate: true, userType: employee, trustedEmailDomains: [corp.example], correlate: [{ attribute: personId, forLife: true }, { attribute: employeeNumber }, { email: true }] }
identityProviders: ${provider('corp', 'corp.example', false)} ${provider('stranger', 'stranger.example', false)} ${provider('open', 'open.example', true)}
targets: { crm: { title: CRM, kind: scim, url: "http://127.0.0.1:9/", token: "\${env:CRM_TOKEN}", attributes: { displayName: identity.displayName } } }
`,
  });
});
afterAll(async () => {
  await api?.stop();
  for (const one of Object.values(providers)) await one?.stop();
});
beforeEach(() => {
  api.now = new Date().toISOString();
});

let count = 0;
/** Hired by HR, with a number and an address of their own. */
async function hired(name: string): Promise<{ id: string; email: string; number: string; externalId: string }> {
  count += 1;
  const [email, number, externalId] = [`${name}${count}@corp.example`, `E-${count}`, `hr-${count}`];
  const { identityId } = await api.record({ externalId, facts: { email, employeeNumber: number, displayName: name, department: 'Finance' } });
  return { id: identityId ?? '', email, number, externalId };
}

async function logInAs(name: Name, person: { sub: string } & Record<string, unknown>) {
  op(name).person = { email_verified: true, ...person };
  const visitor = createVisitor(api);
  const answered = await logIn(api, op(name), name, visitor);
  const token = visitor.cookies.get(sessionCookie);
  const session = token === undefined ? null : await api.store.read((tx) => tx.sessions.byToken(token, api.now));
  return { answered, identityId: session?.identityId ?? null };
}

async function boundTo(identityId: string): Promise<readonly string[]> {
  return (await api.store.read((tx) => tx.identities.subjectsOf(identityId))).map(({ subject }) => subject);
}

describe('OpenID Connect core 5.7: an e-mail is no name of a person', () => {
  const lookAlikes: readonly (readonly [string, (email: string) => string])[] = [
    ['a Cyrillic letter', (email) => email.replace('e', 'е')],
    ['a full-width letter', (email) => email.replace('v', 'ｖ')],
    ['the Kelvin sign for a k', (email) => email.replace('k', '\u212A')],
    ['an invisible letter', (email) => email.replace('@', '\u200B@')],
    ['a letter that is put together from two', (email) => email.replace('é', 'e\u0301')],
    ['a plus-address', (email) => email.replace('@', '+x@')],
    ['a dot more', (email) => email.replace('v', 'v.')],
    ['a space behind', (email) => `${email} `],
    ['a line break behind', (email) => `${email}\n`],
    ['quotation marks', (email) => `"${email.split('@')[0]}"@corp.example`],
    ['a name before it', (email) => `Vera <${email}>`],
    ['two addresses', (email) => `${email},mallory@corp.example`],
    ['a pattern of SQL', (email) => email.replace('v', '_').replace('k', '%')],
  ];

  test('it links where the provider is trusted for its domain and says that it is verified, in capitals too', async () => {
    const vera = await hired('vera');
    const { answered, identityId } = await logInAs('corp', { sub: 'good-1', email: vera.email.toUpperCase() });
    expectAccepted(answered);
    expect(identityId).toBe(vera.id);
  });

  for (const [title, change] of lookAlikes) {
    test(`a look-alike with ${title} is somebody else`, async () => {
      const vera = await hired('vékera');
      expect(change(vera.email)).not.toBe(vera.email);
      const mallory = await logInAs('corp', { sub: `mallory-${count}`, email: change(vera.email) });
      await expectRefused(api, mallory.answered, 'may-not-create');
      expect(await boundTo(vera.id)).toEqual([]);
      const good = await logInAs('corp', { sub: `vera-${count}`, email: vera.email });
      expectAccepted(good.answered);
      expect(good.identityId).toBe(vera.id);
    });
  }

  for (const [title, name, more] of [
    ["another issuer, for whom it is somebody else's domain", 'stranger', {}],
    ['another issuer that may create people', 'open', {}],
    ['the right provider, which does not say that it is verified', 'corp', { email_verified: false }],
    ['the right provider, which says so in a text', 'corp', { email_verified: 'true' }],
    ['the right provider, which is silent about it', 'corp', { email_verified: null }],
  ] as const) {
    test(`the same one from ${title} is somebody else`, async () => {
      const vera = await hired('vera');
      const mallory = await logInAs(name, { sub: `mallory-${count}`, email: vera.email, ...more });
      if (name === 'open') {
        expectAccepted(mallory.answered);
        expect(mallory.identityId).not.toBe(vera.id);
        expect(await api.store.read((tx) => tx.access.currentGrants([mallory.identityId ?? '']))).not.toContainEqual(
          expect.objectContaining({ name: 'crm.finance' }),
        );
      } else await expectRefused(api, mallory.answered, 'may-not-create');
      expect(await boundTo(vera.id)).toEqual([]);
    });
  }

  test('a domain that is written with the Kelvin sign is another domain', async () => {
    const { answered } = await logInAs('open', { sub: 'kelvin', email: 'somebody@open.example'.replace('open', 'o\u212Aen') });
    expectAccepted(answered);
    expect(await api.database.execute("select 1 from source_record where external_id like '%|kelvin' and email_trusted")).toEqual([]);
  });

  test('an address that waits in ambush does not draw in the person who is hired with it later', async () => {
    const ambush = await logInAs('open', { sub: 'ambush', email: 'future@corp.example' });
    expectAccepted(ambush.answered);
    const { identityId } = await api.record({ externalId: 'hr-future', facts: { email: 'future@corp.example', employeeNumber: 'E-future' } });
    expect(identityId).not.toBe(ambush.identityId);
  });

  test('a bound subject that comes with the keys of somebody else is nobody until a person has decided, and who it was with its own', async () => {
    const [vera, otto] = [await hired('vera'), await hired('otto')];
    expectAccepted((await logInAs('corp', { sub: 'otto', email: otto.email })).answered);
    const moved = await logInAs('corp', { sub: 'otto', email: vera.email, number: vera.number });
    await expectRefused(api, moved.answered, 'keys-changed');
    expect((await logInAs('corp', { sub: 'otto', email: otto.email })).identityId).toBe(otto.id);
    expect(await boundTo(vera.id)).toEqual([]);
  });
});

describe('OpenID Connect core 2, 5.7: issuer and subject together are a person', () => {
  test('the same subject of another issuer is somebody else', async () => {
    const vera = await hired('vera');
    expectAccepted((await logInAs('corp', { sub: 'shared', email: vera.email })).answered);
    const other = await logInAs('open', { sub: 'shared' });
    expectAccepted(other.answered);
    expect(other.identityId).not.toBe(vera.id);
    await expectRefused(api, (await logInAs('stranger', { sub: 'shared' })).answered, 'may-not-create');
  });

  for (const [title, other] of [
    ['in capitals', 'LÉA'],
    ['of the same look, put together otherwise', 'le\u0301a'],
    ['with a space behind', 'léa '],
    ['with a letter that nobody sees', 'lé\u200Ba'],
    ['with what separates it in our records', 'x|léa'],
  ] as const) {
    test(`a subject ${title} is another one`, async () => {
      const lea = await logInAs('open', { sub: 'léa' });
      const twin = await logInAs('open', { sub: other });
      expectAccepted(twin.answered);
      expect(twin.identityId).not.toBe(lea.identityId);
    });
  }

  test('a second subject of one provider that claims the number of somebody who is bound is a question', async () => {
    const vera = await hired('vera');
    expectAccepted((await logInAs('corp', { sub: `first-${count}`, number: vera.number })).answered);
    await expectRefused(api, (await logInAs('corp', { sub: `second-${count}`, number: vera.number })).answered, 'another-subject');
    expect(await boundTo(vera.id)).toEqual([`first-${count}`]);
  });
});

describe('OpenID Connect core 2: a subject must never be given again, and if it is', () => {
  async function left(name: string): Promise<{ id: string; email: string; number: string; externalId: string; sub: string }> {
    const person = await hired(name);
    const sub = `${name}-${count}`;
    expectAccepted((await logInAs('corp', { sub, email: person.email })).answered);
    await api.record({ externalId: person.externalId, version: '2', facts: { email: person.email, employeeNumber: person.number }, status: 'ended' });
    api.now = new Date(Date.parse(api.now) + 31 * 24 * 3_600_000).toISOString();
    expect((await api.store.transaction(context(), async (tx) => decideIdentity(tx, api.engine, person.id, 'timer'))).state).toBe('left');
    return { ...person, sub };
  }
  const context = () => ({ actor: { kind: 'system', id: 'test' }, correlationId: 'test', now: api.now }) as const;

  test('after its person has left, whoever comes with it is refused, though the provider says that all is new', async () => {
    const gone = await left('gone');
    const { answered } = await logInAs('corp', { sub: gone.sub, email: 'new@corp.example', name: 'New', ends: '2099-01-01T00:00:00Z' });
    await expectRefused(api, answered, 'life-ended');
    expect((await api.store.read((tx) => tx.identities.get(gone.id)))?.state).toBe('left');
    expect(await api.database.execute('select 1 from credential where identity_id = ? and ended_at is null', [gone.id])).toEqual([]);
    // The person whom HR hires as new logs in with a subject of their own.
    const next = await hired('next');
    const good = await logInAs('corp', { sub: `next-${count}`, email: next.email });
    expectAccepted(good.answered);
    expect(good.identityId).toBe(next.id);
  });

  test('a contractor whose own login said when they leave does not talk themselves back in', async () => {
    const ends = new Date(Date.parse(api.now) + 3_600_000).toISOString();
    const first = await logInAs('open', { sub: 'brief', ends });
    expectAccepted(first.answered);
    api.now = new Date(Date.parse(api.now) + 2 * 3_600_000).toISOString();
    await expectRefused(api, (await logInAs('open', { sub: 'brief', ends: '2099-01-01T00:00:00Z' })).answered, 'life-ended');
  });

  test('the address of somebody who has left, given to a new person, is a question and no inheritance: at a login', async () => {
    const gone = await left('anna');
    const heir = await logInAs('corp', { sub: `heir-${count}`, email: gone.email });
    await expectRefused(api, heir.answered, 'ambiguous');
    expect(await boundTo(gone.id)).toEqual([gone.sub]);
  });

  test('nor when HR hires a new person with it', async () => {
    const gone = await left('anna');
    const taken = await api.record({ externalId: `heir-${count}`, facts: { email: gone.email, employeeNumber: `N-${count}`, department: 'Finance' } });
    expect(taken).toMatchObject({ outcome: 'ambiguous', identityId: null });
    expect((await api.store.read((tx) => tx.identities.get(gone.id)))?.state).toBe('left');
    const open = await api.store.read((tx) => tx.cases.page({ status: 'open', kind: 'ambiguous-record' }, 50, null));
    expect(open.map((one) => one.kind === 'ambiguous-record' && one.evidence.candidates)).toContainEqual([gone.id]);
    await expectRefused(api, (await logInAs('corp', { sub: gone.sub, email: gone.email })).answered, 'life-ended');
  });

  test('who is hired again under the old number is a question, since numbers are given to new people', async () => {
    const gone = await left('back');
    const taken = await api.record({ externalId: `again-${count}`, facts: { email: gone.email, employeeNumber: gone.number }, status: 'active' });
    expect(taken).toMatchObject({ outcome: 'ambiguous', identityId: null });
  });

  test('who is hired again under a key that is theirs for life is the same person', async () => {
    const [externalId, personId] = [`life-${count}`, `P-${count}`];
    const { identityId } = await api.record({ externalId, facts: { personId } });
    await api.record({ externalId, version: '2', facts: { personId }, status: 'ended' });
    const taken = await api.record({ externalId: `again-${externalId}`, facts: { personId, employeeNumber: 'E-new' }, status: 'active' });
    expect(taken).toMatchObject({ outcome: 'updated', identityId, linkedBy: 'personId' });
  });
});

describe('texts that a database does not take', () => {
  for (const [title, person] of [
    ['a NUL in the subject', { sub: 'a\u0000b' }],
    ['a NUL in a claim', { sub: 'nul', name: 'a\u0000b' }],
    ['half a character in a claim', { sub: 'half', name: 'a\uD800b' }],
    ['half a character in the subject', { sub: 'a\uD800b' }],
  ] as const)
    test(`${title} is refused like any other bad message`, async () => {
      await expectRefused(api, (await logInAs('open', person)).answered, /token-invalid|claims-invalid|malformed/);
      expectAccepted((await logInAs('open', { sub: `good-${title}` })).answered);
    });
});
