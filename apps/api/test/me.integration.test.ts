import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createTestApi, type TestApi } from './api.ts';

let api: TestApi;

beforeAll(async () => {
  api = await createTestApi();
});
afterAll(() => api.stop());

async function pageOf(token: string): Promise<string> {
  const response = await api.app.inject({ method: 'GET', url: '/me', headers: { cookie: `tenure_session=${token}` } });
  expect(response.headers['cache-control']).toBe('no-store');
  return response.body;
}

async function session(identityId: string): Promise<string> {
  const { token } = await api.store.transaction({ actor: { kind: 'system', id: 'test' }, correlationId: 'test', now: api.now }, (tx) =>
    tx.sessions.open(identityId, 'partner', api.now, '2026-03-02T12:00:00.000Z'),
  );
  return token;
}

describe('/me', () => {
  test('lists the providers when nobody is logged in, with their titles escaped', async () => {
    const { body } = await api.app.inject({ method: 'GET', url: '/me' });
    expect(body).toContain('<a class="button" href="/oidc/partner/login">Contoso &amp; partners</a>');
  });

  test('shows what somebody holds, until when and why, and that accounts are being set up', async () => {
    const { identityId } = await api.record({
      externalId: 'ann',
      facts: { displayName: 'Ann <script>alert(1)</script>', employeeNumber: 'ann', department: 'Finance', endDate: '2026-06-30T22:00:00.000Z' },
    });
    const token = await session(identityId ?? '');
    const page = await pageOf(token);
    expect(page).toContain('Hello, Ann &lt;script&gt;alert(1)&lt;/script&gt;');
    expect(page).not.toContain('<script>alert');
    expect(page).toContain(
      '<th scope="row">Finance group</th><td data-label="Where">CRM</td><td data-label="Until"><time datetime="2026-06-30T22:00:00.000Z">1 Jul 2026, 00:00</time></td>',
    );
    // Access of everybody ends with the person, though its rule has no end.
    expect(page).toContain(
      '<th scope="row">Uses the CRM</th><td data-label="Where">CRM</td><td data-label="Until"><time datetime="2026-06-30T22:00:00.000Z">1 Jul 2026, 00:00</time></td>',
    );
    expect(page).not.toContain('no end');
    expect(page).toContain('Because department is Finance (rule finance), as part of the role Finance clerk, according to Human resources');
    expect(page).toContain('2 of 2 still being set up');
    // A content security policy without inline content would block it anyway.
    expect(page).not.toMatch(/<script>|<style|style=|onclick=/);
  });

  test('keeps the names of its columns where the row of headings has no room (390 px)', async () => {
    const { identityId } = await api.record({ externalId: 'narrow', facts: { displayName: 'Nora', employeeNumber: 'narrow' } });
    const page = await pageOf(await session(identityId ?? ''));
    const headings = [...page.matchAll(/<th scope="col">([^<]+)<\/th>/g)].map(([, name]) => name);
    expect(headings).toEqual(['What', 'Where', 'Until', 'Why', 'State']);
    const [row = ''] = /<tbody><tr>[\s\S]+?<\/tr>/.exec(page) ?? [];
    expect([...row.matchAll(/<td data-label="([^"]+)">/g)].map(([, label]) => label)).toEqual(headings.slice(1));
    // Shown by the style sheet on a narrow screen, where the script's rows have them too.
    const [style, script] = await Promise.all(['/me.css', '/me.js'].map(async (url) => (await api.app.inject({ method: 'GET', url })).body));
    const narrow = style?.slice(style.indexOf('@media (max-width: 40rem)')) ?? '';
    expect(narrow).toContain('content: attr(data-label)');
    expect(narrow).not.toMatch(/thead \{\s*display: none/);
    expect(script).toContain('cell.dataset.label');
  });

  test('says that everything is ready once the target was read back', async () => {
    const { identityId } = await api.record({ externalId: 'bob', facts: { displayName: 'Bob', employeeNumber: 'bob' } });
    const token = await session(identityId ?? '');
    await api.store.transaction({ actor: { kind: 'system', id: 'test' }, correlationId: 'test', now: api.now }, async (tx) => {
      const account = await tx.access.account(identityId ?? '', 'crm');
      if (account !== null) await tx.access.saveAccount({ ...account, confirmedAt: api.now });
    });
    const page = await pageOf(token);
    expect(page).toContain('All of your access is ready.');
    expect(page).toContain('<span class="badge ready">ready</span>');
  });

  test('says so when somebody holds nothing', async () => {
    const { identityId } = await api.record({ externalId: 'cleo', facts: { displayName: 'Cleo', employeeNumber: 'cleo' } });
    await api.database.execute('update access_grant set ended_at = ? where identity_id = ?', [api.now, identityId]);
    expect(await pageOf(await session(identityId ?? ''))).toContain('Nothing yet');
  });

  test('its script asks GraphQL only for what a person may see of themselves', async () => {
    const script = (await api.app.inject({ method: 'GET', url: '/me.js' })).body;
    const query = /const query = `([^`]+)`/.exec(script)?.[1] ?? '';
    const { token } = await api.person('Sales');
    const { errors, data } = await api.graphql(query, { cookie: token, headers: { origin: 'http://localhost:4000' } });
    expect(errors).toEqual([]);
    expect(data).toMatchObject({
      me: { grants: [{ kind: 'ENTITLEMENT', target: 'crm' }], accounts: [{ target: 'crm', isConfirmed: false, desired: { state: 'ENABLED' } }] },
    });
  });

  test("shows a bearer of a service token nothing: it is nobody's page", async () => {
    expect(await pageOf(await api.serviceToken('admin'))).toContain('Log in');
  });
});
