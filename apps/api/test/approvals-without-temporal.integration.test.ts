import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { RequestItem } from '@tenure/store';
import { identityWorkflowId, requestWorkflowId } from '@tenure/workflows/messages';
import { pino } from 'pino';
import { choosePort } from '../../../tools/embedded/ports.ts';
import { findTemporalServer } from '../../../tools/embedded/temporal-binary.ts';
import { type RunningTemporal, startTemporal } from '../../../tools/embedded/temporal-server.ts';
import { createInstallation, eventually, type Installation } from '../../worker/test/installation.ts';
import { createApp } from '../server/create-app.ts';
import { later } from './api.ts';

const tenureYaml = `
url: http://localhost:4000
timeZone: Europe/Berlin
attributes:
  displayName: { type: string }
  email: { type: string }
  employeeNumber: { type: string }
  manager: { type: string }
precedence: { default: [hr] }
sources:
  hr: { title: HR, authoritative: true, mayCreate: true, userType: contractor, correlate: [{ attribute: employeeNumber }] }
targets:
  ledger:
    title: Ledger
    kind: sql
    url: \${env:LEDGER_URL}
    tls: none
    timeout: PT20S
    confirmWithin: PT1S
    statements:
      list: "SELECT id::text AS native_id, login AS user_name, external_id, active AS enabled, full_name FROM accounts WHERE id > COALESCE(:page, '0')::bigint ORDER BY id LIMIT :limit"
      find: "SELECT id::text AS native_id, login AS user_name, external_id, active AS enabled, full_name FROM accounts WHERE login = :userName"
      read: "SELECT id::text AS native_id, login AS user_name, external_id, active AS enabled, full_name FROM accounts WHERE id = :nativeId::bigint"
      create: "INSERT INTO accounts (login, external_id, active, full_name) VALUES (:userName, :externalId, :enabled, :full_name) RETURNING id::text AS native_id"
      update: "UPDATE accounts SET external_id = :externalId, full_name = :full_name WHERE id = :nativeId::bigint"
      enable: "UPDATE accounts SET active = true WHERE id = :nativeId::bigint"
      disable: "UPDATE accounts SET active = false WHERE id = :nativeId::bigint"
      delete: "DELETE FROM accounts WHERE id = :nativeId::bigint"
      memberships: "SELECT role AS entitlement FROM account_roles WHERE account_id = :nativeId::bigint ORDER BY role"
      addMember: "INSERT INTO account_roles (account_id, role) VALUES (:nativeId::bigint, :entitlement) ON CONFLICT DO NOTHING"
      removeMember: "DELETE FROM account_roles WHERE account_id = :nativeId::bigint AND role = :entitlement"
    attributes: { full_name: identity.displayName }
`;
const accessYaml = `
entitlements:
  ledger.reader: { title: Reader, target: ledger, value: reader }
  ledger.clerk: { title: Clerk, target: ledger, value: clerk }
  ledger.auditor: { title: Auditor, target: ledger, value: auditor }
  ledger.closer: { title: Closer, target: ledger, value: closer }
  ledger.release: { title: Release, target: ledger, value: release }
birthright:
  - { name: everybody, when: "true", entitlements: [ledger.reader] }
lifecycle:
  - { name: all, end: { grace: P30D, then: delete } }
relations:
  manager: { attribute: manager, by: employeeNumber }
requestable:
  - name: two-stages
    entitlements: [ledger.clerk, ledger.auditor]
    maximumDuration: P30D
    stages:
      - { name: manager, approvers: [manager], deadline: P3D }
      - { name: finance, approvers: [{ person: fin }], deadline: P3D }
  - name: short-second-stage
    entitlements: [ledger.closer]
    maximumDuration: P30D
    stages:
      - { name: manager, approvers: [manager], deadline: P3D }
      - { name: finance, approvers: [{ person: fin }], deadline: PT1S }
breakGlass:
  - { name: emergency, when: "true", entitlements: [ledger.release], maximumDuration: PT4H, reviewers: [manager], reviewWithin: P1D, notify: [{ person: fin }] }
`;

let home: string;
let temporal: RunningTemporal;
let tenure: Installation;
let app: NestFastifyApplication;
const people: Record<string, { readonly id: string; readonly token: string }> = {};
const now = (): string => new Date().toISOString();

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'tenure-approvals-'));
  temporal = await startOwn(await choosePort({ purpose: 'Temporal' }), await choosePort({ purpose: 'the UI' }));
  tenure = await createInstallation({ files: { tenureYaml, accessYaml }, temporal: temporal.address });
  const { store, engine, configuration } = tenure;
  app = await createApp({ store, engine, configuration, temporalUiUrl: null, clock: now, logger: pino({ level: 'silent' }) });
  for (const [name, manager] of [
    ['boss', null],
    ['mia', 'boss'],
    ['fin', 'boss'],
    ['ada', 'mia'],
  ] as const) {
    const facts = { displayName: name, email: `${name}@example.com`, employeeNumber: name, manager };
    const id = (await tenure.record({ externalId: name, version: '1', facts })).identityId ?? '';
    const act = { actor: { kind: 'system', id: 'test' }, correlationId: 'login', now: now() } as const;
    people[name] = { id, ...(await store.transaction(act, (tx) => tx.sessions.open(id, 'hr', now(), later(now(), 8)))) };
  }
});
afterAll(async () => {
  await app?.close();
  await tenure?.stop();
  await temporal?.stop();
  await rm(home, { recursive: true, force: true });
});

async function startOwn(port: number, uiPort: number): Promise<RunningTemporal> {
  const program = await findTemporalServer({ cacheDirectory: new URL('../../../.tenure/bin', import.meta.url).pathname, onProgress: () => undefined });
  return startTemporal({ directory: join(home, 'temporal'), program, namespace: 'default', searchAttributes: {}, port, uiPort });
}
/** @returns the first item of the changed request, or the code with which it was refused */
async function say(who: string, mutation: string): Promise<{ readonly id: string; readonly status: string; readonly stage: string | null } | string> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${people[who]?.token ?? ''}` };
  const payload = JSON.stringify({ query: `mutation { done: ${mutation} { items { id status stage } } }` });
  const { data, errors } = (await app.inject({ method: 'POST', url: '/graphql', headers, payload })).json<{
    data?: { done: { items: [{ id: string; status: string; stage: string | null }] } };
    errors?: { extensions: { code: string } }[];
  }>();
  return errors?.[0]?.extensions.code ?? data?.done.items[0] ?? 'nothing';
}
async function ask(name: string): Promise<RequestItem> {
  const asked = await say('ada', `requestAccess(input: { justification: "Year end", items: [{ kind: ENTITLEMENT, name: "${name}" }] })`);
  return item(typeof asked === 'string' ? asked : asked.id);
}
const decide = (who: string, { id }: Pick<RequestItem, 'id'>, approve = true) => say(who, `decideRequestItem(itemId: "${id}", approve: ${approve})`);
async function item(id: string): Promise<RequestItem> {
  const found = await tenure.store.read((tx) => tx.requests.item(id));
  if (found === null) throw new Error(`there is no item ${id}`);
  return found;
}
const held = async () => (await tenure.store.read((tx) => tx.access.currentGrants([people['ada']?.id ?? '']))).map(({ name }) => name).sort();
const statusOf = async (workflowId: string) => (await tenure.client.workflow.getHandle(workflowId).describe()).status.name;
const ofRequest = ({ requestId }: RequestItem) => statusOf(requestWorkflowId(requestId));

it('answers count while Temporal is down: access is granted, denied and reviewed at once; provisioning, deadlines and workflows follow when it is back', async () => {
  const begun = await ask('ledger.clerk');
  await eventually(async () => (await ofRequest(begun)) === 'RUNNING');
  await eventually(async () => (await tenure.look('ada'))?.roles.join() === 'reader');
  // All work is done: work that is under way in the target would go on without Temporal.
  await eventually(async () => (await statusOf(identityWorkflowId(people['ada']?.id ?? ''))) === 'COMPLETED');

  process.kill(temporal.pid ?? 0, 'SIGKILL');
  await temporal.exited;
  expect(await decide('fin', begun)).toBe('NOT_YOUR_DECISION');
  expect(await decide('mia', begun)).toMatchObject({ status: 'OPEN', stage: 'finance' });
  expect(await decide('fin', begun)).toMatchObject({ status: 'APPROVED' });
  // Also requests that Temporal has never been signalled of.
  const [denied, waiting] = [await ask('ledger.auditor'), await ask('ledger.closer')];
  expect(await decide('mia', denied, false)).toMatchObject({ status: 'DENIED' });
  expect(await decide('mia', waiting)).toMatchObject({ status: 'OPEN', stage: 'finance' });
  const emergency = await say('ada', 'breakGlass(input: { kind: ENTITLEMENT, name: "ledger.release", justification: "The ledger is on fire" })');
  expect(emergency).toMatchObject({ status: 'APPROVED' });
  expect(await held()).toEqual(['ledger.clerk', 'ledger.reader', 'ledger.release']);
  const reviewed = typeof emergency === 'string' ? '' : emergency.id;
  expect(await say('mia', `reviewBreakGlass(itemId: "${reviewed}", justified: false, comment: "I saw no fire")`)).toMatchObject({ status: 'REMOVED' });
  expect(await held()).toEqual(['ledger.clerk', 'ledger.reader']);
  expect((await tenure.look('ada'))?.roles).toEqual(['reader']);
  expect((await item(waiting.id)).status).toBe('open');

  temporal = await startOwn(Number(new URL(`http://${temporal.address}`).port), Number(new URL(temporal.uiUrl).port));
  await eventually(async () => (await tenure.look('ada'))?.roles.join() === 'clerk,reader', 120_000);
  // The workflow escalates the stage that nobody answered, and closes it at its deadline.
  await eventually(async () => (await item(waiting.id)).status === 'denied', 120_000);
  expect(await item(waiting.id)).toMatchObject({ reason: 'deadline', level: 1 });
  for (const one of [begun, denied, waiting]) await eventually(async () => (await ofRequest(one)) === 'COMPLETED', 120_000);
  expect(await held()).toEqual(['ledger.clerk', 'ledger.reader']);
}, 400_000);
