import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { failedAt, passed } from '@tenure/domain';
import type { StoredConnection } from '@tenure/store';
import { logFailingConnections } from '../server/log-failing-connections.ts';
import { createTestApi, type TestApi } from './api.ts';

const tenureYaml = `
url: http://localhost:4000
attributes: { displayName: { type: string }, employeeNumber: { type: string }, department: { type: string }, endDate: { type: date } }
precedence: { default: [hr] }
sources: { hr: { authoritative: true, mayCreate: true, userType: employee, correlate: [{ attribute: employeeNumber }] } }
identityProviders: { contoso: { title: Contoso, protocol: oidc, issuer: https://login.contoso.example, clientId: tenure } }
targets:
  crm: { title: CRM, kind: scim, url: "http://127.0.0.1:9/scim", token: "\${env:CRM_TOKEN}", attributes: { displayName: identity.displayName } }
`;
const health =
  'health { status checkedAt age checkedBy since reason message steps { step result reason message } limits { code message } nextCheckAt requestedAt waitingPeople waitingOperations caseId }';

describe('the health of targets and identity providers', () => {
  let api: TestApi;
  const tokens: Record<string, string> = {};
  beforeAll(async () => {
    api = await createTestApi({ tenureYaml });
    for (const department of ['Admin', 'Operator', 'Auditor', 'Finance']) tokens[department] = (await api.person(department)).token;
  });
  afterAll(() => api.stop());

  const ask = (query: string, department = 'Operator') => api.graphql(query, { token: tokens[department] ?? null });
  const context = () => ({ actor: { kind: 'system', id: 'test' }, correlationId: 'x', now: api.now }) as const;
  const keep = (connection: Pick<StoredConnection, 'kind' | 'name' | 'result' | 'isWorking'>) =>
    api.store.transaction(context(), (tx) =>
      tx.connections.save({
        ...connection,
        checkedAt: '2026-03-01T11:59:30.000Z',
        checkedBy: 'worker-1',
        since: '2026-03-01T11:00:00.000Z',
        failures: 1,
        nextAt: '2026-03-01T12:01:00.000Z',
        requestedAt: null,
      }),
    );
  const names = [{ kind: 'target', name: 'crm' } as const, { kind: 'identity-provider', name: 'contoso' } as const];

  test('is unknown before a worker has tested them', async () => {
    const { data } = await ask(`{ targets { name ${health} } identityProviders { name protocol ${health} } }`);
    const unknown = { status: 'UNKNOWN', checkedAt: null, age: null, steps: [], limits: [], reason: null, nextCheckAt: null, caseId: null };
    expect(data).toMatchObject({
      targets: [{ name: 'crm', health: { ...unknown, waitingPeople: 0, waitingOperations: 0 } }],
      identityProviders: [{ name: 'contoso', protocol: 'oidc', health: { ...unknown, waitingPeople: null } }],
    });
  });

  test('shows what a worker found, with its age, and who waits', async () => {
    await api.store.transaction(context(), (tx) => tx.connections.follow(names, api.now));
    await keep({
      kind: 'target',
      name: 'crm',
      isWorking: false,
      result: failedAt({ step: 'certificate', reason: 'CERT_HAS_EXPIRED', message: 'crm: its certificate has expired (CERT_HAS_EXPIRED): it needs a new one' }),
    });
    await keep({
      kind: 'identity-provider',
      name: 'contoso',
      isWorking: true,
      result: passed([{ code: 'NO_USER_INFO', message: 'it has no userinfo endpoint' }]),
    });
    const { data } = await ask(`{ targets { ${health} } identityProviders { ${health} } }`, 'Auditor');
    expect(data).toMatchObject({
      targets: [
        {
          health: {
            status: 'FAILS',
            age: 30,
            checkedBy: 'worker-1',
            since: '2026-03-01T11:00:00.000Z',
            reason: 'CERT_HAS_EXPIRED',
            message: expect.stringContaining('has expired'),
            steps: [
              { step: 'REACHED', result: 'OK' },
              { step: 'CERTIFICATE', result: 'FAILED', reason: 'CERT_HAS_EXPIRED' },
              { step: 'ANSWERS', result: 'NOT_TESTED' },
              { step: 'CREDENTIALS', result: 'NOT_TESTED' },
              { step: 'RIGHTS', result: 'NOT_TESTED' },
            ],
          },
        },
      ],
      identityProviders: [{ health: { status: 'WORKS', reason: null, limits: [{ code: 'NO_USER_INFO' }] } }],
    });
  });

  test('is tested anew when an operator asks, audited; nobody else may ask, or see it', async () => {
    const mutation = `mutation { checkConnection(kind: TARGET, name: "crm") { status requestedAt } }`;
    expect((await ask(mutation)).data).toMatchObject({ checkConnection: { status: 'FAILS', requestedAt: api.now } });
    const [crm] = await api.store.read((tx) => tx.connections.all());
    expect(crm).toMatchObject({ name: 'crm', nextAt: api.now, requestedAt: api.now });
    expect((await api.database.execute(`select reason from audit_event where action = 'connection.checkRequested'`))[0]?.['reason']).toMatchObject({
      name: 'crm',
    });
    for (const department of ['Auditor', 'Finance']) expect((await ask(mutation, department)).errors[0]?.extensions.code).toBe('FORBIDDEN');
    expect((await ask(`{ identityProviders { name } }`, 'Finance')).errors[0]?.extensions.code).toBe('FORBIDDEN');
    const misspelt = await ask(`mutation { checkConnection(kind: IDENTITY_PROVIDER, name: "contosso") { status } }`);
    expect(misspelt.errors[0]).toMatchObject({ message: expect.stringContaining('did you mean contoso'), extensions: { code: 'NOT_FOUND' } });
  });

  test('is in the log when the API starts, where it fails; the warning is left to the workers, so that nothing is warned of twice', async () => {
    const lines: unknown[][] = [];
    await logFailingConnections(api.store, api.configuration, { info: (...line: unknown[]) => void lines.push(line) } as never);
    expect(lines).toEqual([
      [
        expect.objectContaining({ connection: 'target', target: 'crm', reason: 'CERT_HAS_EXPIRED' }),
        expect.stringContaining('target crm did not work when it was last tested'),
      ],
    ]);
  });
});
