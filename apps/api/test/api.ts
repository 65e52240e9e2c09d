import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createEngine, type Engine } from '@tenure/engine/decide';
import type { IncomingRecord, TakenRecord } from '@tenure/engine/intake';
import type { createPreviews, Previews } from '@tenure/engine/previews';
import { type Configuration, loadConfiguration } from '@tenure/config';
import { type Changes, followChanges, type Store } from '@tenure/store';
import { createTestDatabase, type TestDatabase } from '@tenure/store/testing';
import { errorForLog } from '@tenure/telemetry';
import { type Logger, pino } from 'pino';
import { createApp } from '../server/create-app.ts';
import type { ApiDependencies } from '../server/dependencies.ts';
import { takeRecord } from '@tenure/engine/intake';
import { publishPolicy } from '@tenure/engine/policy';

/** The usual tenure.yaml. */
export const tenureYaml = `
url: http://localhost:4000
timeZone: Europe/Berlin
attributes:
  displayName: { type: string, title: Name }
  email: { type: string }
  employeeNumber: { type: string }
  department: { type: string }
  endDate: { type: instant }
  skills: { type: strings }
  manager: { type: string }
precedence: { default: [hr, payroll] }
sources:
  hr: { title: Human resources, authoritative: true, mayCreate: true, userType: employee, correlate: [{ attribute: employeeNumber }] }
  payroll: { title: Payroll, correlate: [{ attribute: employeeNumber }] }
identityProviders:
  partner:
    title: Contoso & partners
    protocol: oidc
    issuer: https://login.contoso.example
    clientId: tenure
    mayLink: [privileged] # sessions of administrators in tests are of this one
    attributes: { email: claims.email }
targets:
  crm:
    title: CRM
    kind: scim
    url: http://127.0.0.1:9/scim
    token: \${env:CRM_TOKEN}
    attributes: { displayName: identity.displayName }
`;

/** The usual policy. */
export const accessYaml = `
entitlements:
  crm.user: { title: Uses the CRM, target: crm, value: users }
  crm.finance: { title: Finance group, target: crm, value: finance }
  tenure.admin: { title: Administers Tenure, target: tenure, value: admin }
  tenure.operator: { title: Operates Tenure, target: tenure, value: operator }
  crm.approver: { title: Approves, target: crm, value: approvers }
  tenure.auditor: { title: Audits Tenure, target: tenure, value: auditor }
roles:
  finance: { title: Finance clerk, entitlements: [crm.finance] }
birthright:
  - { name: everybody, when: "true", entitlements: [crm.user] }
  - { name: finance, when: 'identity.department == "Finance"', roles: [finance], until: identity.endDate }
  - { name: admins, when: 'identity.department == "Admin"', entitlements: [tenure.admin] }
  - { name: operators, when: 'identity.department == "Operator"', entitlements: [tenure.operator] }
  - { name: approvers, when: 'identity.department == "Approver"', entitlements: [crm.approver] }
  - { name: auditors, when: 'identity.department == "Auditor"', entitlements: [tenure.auditor] }
lifecycle:
  - { name: all, end: { grace: P30D, then: delete } }
`;

/** Answer of GraphQL. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  // Its shape is the query's.
  readonly data: Record<string, never> | null;
  readonly errors: readonly {
    readonly message: string;
    readonly path?: readonly string[];
    readonly extensions: { readonly code: string; readonly details?: Readonly<Record<string, string>>; readonly reference?: string };
  }[];
}

/** The API on a database of its own, without a process. */
export interface TestApi {
  readonly app: NestFastifyApplication;
  readonly store: Store;
  readonly engine: Engine;
  readonly database: TestDatabase;
  readonly configuration: Configuration;
  readonly changes: Changes;
  /** Every line of the log. */
  readonly log: readonly string[];
  now: string;
  graphql(query: string, options?: { token?: string | null; variables?: object; headers?: Record<string, string>; cookie?: string }): Promise<Answer>;
  record(record: Partial<IncomingRecord> & Pick<IncomingRecord, 'externalId'>): Promise<TakenRecord>;
  /** A person who is logged in. @param department gives the role of that name */
  person(department: string): Promise<{ id: string; token: string }>;
  serviceToken(...roles: readonly string[]): Promise<string>;
  stop(): Promise<void>;
}

export interface TestApiOverrides {
  readonly store?: (store: Store) => Store;
  readonly url?: string;
  /** URL of a PostgreSQL server of the test's own. */
  readonly server?: string;
  /** Milliseconds for which the store waits for a database that is away. */
  readonly patience?: number;
  /** Instead of the usual tenure.yaml, or made from it. */
  readonly tenureYaml?: string | ((usual: string) => string);
  readonly accessYaml?: string;
  /** Variables for `${env:...}` references. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly app?: Partial<ApiDependencies>;
  /** Instead of the usual ones. */
  readonly previews?: (parts: Parameters<typeof createPreviews>[0]) => Previews;
}

export async function createTestApi(overrides: TestApiOverrides = {}): Promise<TestApi> {
  const { server, patience } = overrides;
  const database = await createTestDatabase({ ...(server === undefined ? {} : { server }), ...(patience === undefined ? {} : { patience }) });
  const directory = await mkdtemp(join(tmpdir(), 'tenure-configuration-'));
  await mkdir(join(directory, 'policy'));
  await writeFile(
    join(directory, 'tenure.yaml'),
    (typeof overrides.tenureYaml === 'function' ? overrides.tenureYaml(tenureYaml) : (overrides.tenureYaml ?? tenureYaml)).replace(
      'http://localhost:4000',
      overrides.url ?? 'http://localhost:4000',
    ),
  );
  await writeFile(join(directory, 'policy', 'access.yaml'), overrides.accessYaml ?? accessYaml);
  const configuration = await loadConfiguration({ directory, environment: { CRM_TOKEN: 'secret', ...overrides.environment } });
  const engine = createEngine({ configuration });
  const store = overrides.store?.(database.store) ?? database.store;
  const log: string[] = [];
  const logger: Logger = pino({ level: 'info', serializers: { err: errorForLog } }, { write: (line: string) => void log.push(line) });
  const context = (correlationId: string) => ({ actor: { kind: 'system', id: 'test' }, correlationId, now: api.now }) as const;
  const changes = await followChanges(database.url, () => undefined);
  let count = 0;
  const api: TestApi = {
    now: '2026-03-01T12:00:00.000Z',
    store,
    engine,
    database,
    configuration,
    changes,
    log,
    app: null as never,
    async graphql(query, { token = null, variables, headers = {}, cookie } = {}) {
      const response = await api.app.inject({
        method: 'POST',
        url: '/graphql',
        headers: {
          'content-type': 'application/json',
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
          ...(cookie === undefined ? {} : { cookie: `tenure_session=${cookie}` }),
          ...headers,
        },
        payload: JSON.stringify({ query, ...(variables === undefined ? {} : { variables }) }),
      });
      const body = response.json<{ data?: Answer['data']; errors?: Answer['errors'] }>();
      return { status: response.statusCode, headers: response.headers, data: body.data ?? null, errors: body.errors ?? [] };
    },
    record: (record) =>
      store.transaction(context('test-record'), (tx) =>
        takeRecord(tx, engine, { source: 'hr', version: '1', facts: {}, status: 'active', endedAt: null, ...record }),
      ),
    async person(department) {
      count += 1;
      const { identityId } = await api.record({
        externalId: `person-${count}`,
        facts: { displayName: `Person ${count}`, employeeNumber: `p${count}`, department },
      });
      const id = identityId ?? '';
      const { token } = await store.transaction(context('test-login'), (tx) => tx.sessions.open(id, 'partner', api.now, later(api.now, 8)));
      return { id, token };
    },
    async serviceToken(...roles) {
      const { token } = await store.transaction(context('test-token'), (tx) =>
        tx.sessions.createServiceToken({ name: roles.join(' '), roles, createdBy: 'test', expiresAt: later(api.now, 24) }, api.now),
      );
      return token;
    },
    async stop() {
      await api.app.close();
      await changes.close();
      await database.drop();
      await rm(directory, { recursive: true });
    },
  };
  await store.transaction(context('start'), (tx) => publishPolicy(tx, engine));
  const previews = overrides.previews === undefined ? {} : { previews: overrides.previews({ store, engine, configuration }) };
  const app = await createApp({
    store,
    engine,
    configuration,
    temporalUiUrl: 'http://localhost:8233',
    clock: () => api.now,
    logger,
    changes,
    ...previews,
    ...overrides.app,
  });
  return Object.assign(api, { app });
}

/** An instant some hours later. */
export function later(instant: string, hours: number): string {
  return new Date(Date.parse(instant) + hours * 3_600_000).toISOString();
}
