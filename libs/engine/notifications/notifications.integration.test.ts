import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { loadConfiguration } from '@tenure/config';
import { exampleCase } from '@tenure/domain/testing';
import { createWebhookSender, type WebhookSender } from './webhook-sender.ts';
import { createMailSender, createMailWriter, type MailSender } from '@tenure/mail';
import { startTestMailServer, type TestMailServer } from '@tenure/mail/testing';
import type { Store } from '@tenure/store';
import { createTestDatabase, type TestDatabase } from '@tenure/store/testing';
import { delegate } from '../approvers/delegate.ts';
import type { Engine } from '../decide/engine.ts';
import { advanceRequest } from '../requests/advance-request.ts';
import { openRequest } from '../requests/open-request.ts';
import { takeAnswer } from '../requests/take-answer.ts';
import { deliverNotifications } from './deliver-notifications.ts';
import { planNotifications } from './plan-notifications.ts';
import { receiversOf } from './receivers.ts';
import { createEngine } from '../decide/create-engine.ts';
import { publishPolicy } from '../policy/publish-policy.ts';
import { takeRecord } from '../intake/take-records.ts';

const start = '2026-03-02T09:00:00.000Z'; // a Monday
const tenureYaml = (smtp: string, hook: string): string => `
url: https://tenure.example.com
timeZone: Europe/Berlin
attributes:
  displayName: { type: string }
  email: { type: string }
  employeeNumber: { type: string }
  manager: { type: string }
  jobTitle: { type: string }
  preferredLanguage: { type: string }
  sponsor: { type: string, title: Sponsor }
  endDate: { type: date }
precedence: { default: [hr, partner] }
sources:
  hr: { title: HR, authoritative: true, mayCreate: true, userType: employee, correlate: [{ attribute: employeeNumber }] }
  partner: { title: Partner, mayCreate: true, userType: partner }
mail:
  url: ${smtp}
  from: Tenure <tenure@example.com>
  decideByLink: link-alone
  digest: { at: "08:00", above: 3 }
webhooks:
  siem: { url: "${hook}", events: [person-ended], secret: "\${env:HOOK_SECRET}" }
`;
const accessYaml = `
entitlements:
  tenure.operator: { title: Operates Tenure, target: tenure, value: operator }
  tenure.auditor: { title: Audits Tenure, target: tenure, value: auditor }
birthright:
  - { name: operators, when: 'identity.employeeNumber == "olga" || identity.jobTitle == "Operator"', entitlements: [tenure.operator] }
lifecycle:
  - { name: all, end: { grace: P30D, then: delete } }
relations:
  manager: { attribute: manager, by: employeeNumber }
requestable:
  - name: auditing
    entitlements: [tenure.auditor]
    maximumDuration: P30D
    stages: [{ name: manager, approvers: [manager], deadline: P3D, remindAfter: P1D }]
`;

let database: TestDatabase;
let engine: Engine;
let server: TestMailServer;
let sender: MailSender;
let webhooks: WebhookSender;
let now = start;
let known = 0;
const calls: { readonly type: string; readonly data: unknown }[] = [];
const failures: unknown[] = [];
const instants: string[] = [];
const ending: (() => unknown)[] = [];
const writer = createMailWriter();

beforeAll(async () => {
  database = await createTestDatabase();
  server = await startTestMailServer();
  const hook = createServer((request, response) => {
    request.on('data', (data: Buffer) => calls.push(JSON.parse(data.toString())));
    request.on('end', () => response.writeHead(204).end());
  });
  await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve));
  const directory = await mkdtemp(join(tmpdir(), 'tenure-notices-'));
  await mkdir(join(directory, 'policy'));
  await writeFile(join(directory, 'tenure.yaml'), tenureYaml(server.url, `http://127.0.0.1:${(hook.address() as AddressInfo).port}/hook`));
  await writeFile(join(directory, 'policy', 'access.yaml'), accessYaml);
  const configuration = await loadConfiguration({ directory, environment: { HOOK_SECRET: Buffer.alloc(32, 7).toString('base64') } });
  engine = createEngine({ configuration });
  if (configuration.mail === null) throw new Error('mail is configured above');
  sender = createMailSender(configuration.mail);
  webhooks = createWebhookSender();
  await act((tx) => publishPolicy(tx, engine));
  ending.push(
    () => database.drop(),
    () => hook.close(),
    () => server.close(),
    () => sender.close(),
    () => webhooks.close(),
    () => rm(directory, { recursive: true }),
  );
});
afterAll(async () => {
  for (const end of ending.toReversed()) await end();
});
beforeEach(async () => {
  server.answerWith('ok');
  now = new Date(Date.parse(now) + 7 * 24 * 3_600_000).toISOString();
  await everything();
  mailsSince();
});

const context = (correlationId = 'test') => ({ actor: { kind: 'system', id: 'test' }, correlationId, now }) as const;
const act = <T>(work: Parameters<Store['transaction']>[1] extends never ? never : (tx: Parameters<Parameters<Store['transaction']>[1]>[0]) => Promise<T>) =>
  database.store.transaction(context(), work);
const later = (hours: number): string => new Date(Date.parse(now) + hours * 3_600_000).toISOString();

const person = async (name: string, facts: Readonly<Record<string, string>> = {}, source = 'hr'): Promise<string> => {
  const record = { source, externalId: name, version: String((known += 1)), status: 'active', endedAt: null } as const;
  const taken = await act((tx) =>
    takeRecord(tx, engine, { ...record, facts: { displayName: name, email: `${name}@example.com`, employeeNumber: name, ...facts } }),
  );
  return taken.identityId ?? '';
};

/** Two people of this test's own: a requester, and the manager who decides. */
const team = async (name: string, ofManager: Readonly<Record<string, string>> = {}): Promise<{ ada: string; max: string }> => {
  const max = await person(`max-${name}`, ofManager);
  return { ada: await person(`ada-${name}`, { manager: `max-${name}` }), max };
};

const ask = async (ada: string, justification = 'Year end'): Promise<{ requestId: string; itemId: string }> => {
  const items = [{ kind: 'entitlement', name: 'tenure.auditor', duration: null }] as const;
  const { requestId, waiting } = await act((tx) => openRequest(tx, engine, { identityId: ada, requestedBy: ada, justification, items }));
  return { requestId, itemId: waiting[0]?.itemId ?? '' };
};

const decide = async ({ requestId, itemId }: { requestId: string; itemId: string }, givenBy: string, comment = ''): Promise<void> => {
  const id = crypto.randomUUID();
  const answer = { id, itemId, requestId, stage: null, givenBy, approves: true, comment, givenAt: now, outcome: null, judgedAt: null };
  await act((tx) => tx.requests.addAnswer(answer));
  expect((await act((tx) => takeAnswer(tx, engine, id))).outcome).toBe('counted');
};

/** Does everything that is due now. @param store another one, to play a worker that is killed */
async function everything(store: Store = database.store): Promise<void> {
  const failed = (error: unknown): void => void failures.push(error);
  const timerFired = (dueAt: string): void => void instants.push(dueAt);
  const dependencies = { store, engine, clock: () => now, mail: { writer, sender }, webhooks, failed, timerFired };
  for (let done = 1; done > 0; ) {
    done = await planNotifications(dependencies);
    for (const receiver of receiversOf(engine.configuration)) done += await deliverNotifications(dependencies, receiver);
  }
}

let told = 0;
function mailsSince() {
  const news = server.mails.slice(told);
  told = server.mails.length;
  return news.map(({ to, subject, text, html, messageId }) => ({
    to: to?.map((one) => ('address' in one ? one.address : '')).join(),
    subject,
    text,
    html,
    messageId,
  }));
}

const openCases = () => database.store.read((tx) => tx.cases.page({ status: 'open', kind: 'notice-undeliverable' }, 10, null));

describe('notices', () => {
  it('ask whoever decides once, in their language, remind them, and tell who asked what became of it', async () => {
    const { ada, max } = await team('once', { preferredLanguage: 'de-CH, en;q=0.5' });
    const request = await ask(ada, 'Prüfung <b>& mehr\r\n\r\nhttps://evil.example');
    await everything();
    await act((tx) => advanceRequest(tx, engine, request.requestId));
    await everything();
    const [asked, ...rest] = mailsSince();
    expect(rest).toEqual([]);
    expect(asked).toMatchObject({ to: 'max-once@example.com', subject: 'Bitte entscheiden: Audits Tenure für ada-once' });
    expect(asked?.text).toContain('Begründung: Prüfung <b>& mehr https:\u2060/\u2060/\u2060evil.\u2060example');
    expect(asked?.html).toContain('Prüfung &lt;b&gt;&amp; mehr');
    expect(asked?.text).toMatch(/https:\/\/tenure\.example\.com\/decide\/td_[\w-]{43}\n/);
    expect(asked?.text).toContain('30 Tage');
    now = later(25);
    await act((tx) => advanceRequest(tx, engine, request.requestId));
    await everything();
    expect(mailsSince()).toMatchObject([{ to: 'max-once@example.com', subject: 'Erinnerung: Bitte entscheiden: Audits Tenure für ada-once' }]);
    await decide(request, max, 'nur bis Quartalsende');
    await everything();
    const [decided, ...more] = mailsSince();
    expect(more).toEqual([]);
    expect(decided).toMatchObject({ to: 'ada-once@example.com', subject: 'Audits Tenure for ada-once: approved' });
    expect(decided?.text).toContain('nur bis Quartalsende');
    now = later(24 * 29);
    await act((tx) => tx.notifications.addComing());
    await act((tx) => tx.notifications.addComing());
    await everything();
    expect(mailsSince()).toMatchObject([{ to: 'ada-once@example.com', subject: expect.stringContaining('Audits Tenure ends') }]);
  });

  it('say the end of the person where that comes before the end of what was granted', async () => {
    const { max } = await team('leaving-soon');
    const lastDay = later(24 * 10).slice(0, 10);
    const ada = await person('ada-leaving-soon', { manager: 'max-leaving-soon', endDate: lastDay });
    const request = await ask(ada);
    await act((tx) => advanceRequest(tx, engine, request.requestId));
    await everything();
    mailsSince();
    await decide(request, max);
    await everything();
    const [decided] = mailsSince();
    const inWords = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' }).format(new Date(lastDay));
    expect(decided).toMatchObject({ to: 'ada-leaving-soon@example.com', text: expect.stringContaining(inWords) });
    // A grant of thirty days would end later.
    const thirty = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' }).format(new Date(later(24 * 30)));
    expect(decided?.text).not.toContain(thirty);
  });

  it('are sent again by another worker under the same Message-ID, when the first was killed between sending and writing it down', async () => {
    const { ada } = await team('killed');
    await ask(ada);
    let isKilled = false;
    const dying: Store = {
      ...database.store,
      transaction(given, work) {
        // The third: notifications are planned, turns are taken, the mail is written. Then it is sent, and nothing is written any more.
        if (isKilled || server.mails.length > told) {
          isKilled = true;
          return Promise.reject(new Error('killed'));
        }
        return database.store.transaction(given, work);
      },
    };
    await everything(dying).catch(() => undefined);
    const first = mailsSince();
    expect(first).toHaveLength(1);
    await everything();
    expect(mailsSince()).toEqual([]);
    now = later(0.1);
    await everything();
    const second = mailsSince();
    expect(second.map(({ messageId }) => messageId)).toEqual(first.map(({ messageId }) => messageId));
    now = later(1);
    await everything();
    expect(mailsSince()).toEqual([]);
  });

  it('are each sent once by workers that look at the same time', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) await ask((await team(`many-${name}`)).ada);
    await Promise.all([everything(), everything(), everything(), everything()]);
    const sent = mailsSince().map(({ to }) => to);
    expect(new Set(sent).size).toBe(6);
    expect(sent).toHaveLength(6);
  });

  it('wait while the mail server has trouble, and are given up into one case after a day, which closes when mail goes again', async () => {
    const { ada } = await team('trouble');
    const other = await team('trouble-2');
    server.answerWith('trouble');
    for (const one of [ada, other.ada])
      await act((tx) =>
        tx.notifications.add({ kind: 'sponsorship-taken-over', key: one, recipient: { identityId: one }, about: { identityId: one }, data: {} }),
      );
    for (let attempt = 0; attempt < 31; attempt += 1) {
      await everything();
      now = later(1.01);
    }
    expect(mailsSince()).toEqual([]);
    expect(await openCases()).toMatchObject([{ identityId: null, evidence: { channel: 'mail', code: 'EENVELOPE_451', attempts: 30 } }]);
    server.answerWith('ok');
    await ask(ada);
    await everything();
    expect(mailsSince()).toHaveLength(1);
    expect(await openCases()).toEqual([]);
  });

  it('do not wait for one of which it cannot be found out whom it means, which is set aside into a case after a day', async () => {
    const { ada } = await team('poison');
    const failed = failures.length;
    // The value of `itemId` is no id, which the database refuses.
    const poison = { kind: 'approval-asked', recipient: { identityId: ada }, about: {}, data: { itemId: 'none' } } as const;
    await act((tx) => tx.notifications.add({ ...poison, key: 'poison-1' }, { ...poison, key: 'poison-2' }));
    await person('later', { manager: 'max-poison' });
    await ask(ada);
    await everything();
    expect(mailsSince().map(({ to }) => to)).toEqual(['max-poison@example.com']);
    expect(failures.length - failed).toBe(2);
    expect(await openCases()).toEqual([]);
    for (let attempt = 1; attempt < 30; attempt += 1) {
      now = later(1.01);
      await everything();
    }
    expect(failures.length - failed).toBe(60);
    expect(await openCases()).toMatchObject([{ identityId: null, evidence: { channel: 'any', notice: 'approval-asked', code: 'INTERNAL', attempts: 30 } }]);
    const events = await database.store.read((tx) => tx.audit.ofIdentity(ada, 20));
    expect(events.filter(({ action }) => action === 'notice.givenUp')).toHaveLength(2);
    now = later(2);
    await everything();
    expect(failures.length - failed).toBe(60);
    mailsSince();
    await ask((await team('healthy')).ada);
    await everything();
    expect([mailsSince().map(({ to }) => to), await openCases()]).toEqual([['max-healthy@example.com'], []]);
    failures.length = failed;
  });

  it('open a case about whose address is refused, which closes when they can be reached again', async () => {
    const { ada, max } = await team('unknown');
    server.answerWith('unknown-recipient');
    const request = await ask(ada);
    await everything();
    expect(await openCases()).toMatchObject([{ identityId: max, evidence: { code: 'EENVELOPE_550', attempts: 1, notice: 'approval-asked' } }]);
    server.answerWith('ok');
    now = later(25);
    await act((tx) => advanceRequest(tx, engine, request.requestId));
    await everything();
    expect(mailsSince().map(({ to }) => to)).toEqual(['max-unknown@example.com']);
    expect(await openCases()).toEqual([]);
  });

  it('ask nobody what was decided while the mail server was away', async () => {
    const { ada, max } = await team('away');
    server.answerWith('trouble');
    const request = await ask(ada);
    await everything();
    await decide(request, max);
    server.answerWith('ok');
    now = later(1);
    await everything();
    expect(mailsSince().map(({ to }) => to)).toEqual(['ada-away@example.com']);
  });

  it('gather what waits into one mail in the morning, for who chose that, and for who got many already', async () => {
    const { ada, max } = await team('digest');
    const [bob, cleo] = [await person('bob-digest', { manager: 'max-digest' }), await person('cleo-digest', { manager: 'max-digest' })];
    await act((tx) => tx.notifications.choose(max, 'digest'));
    const first = await ask(ada);
    await ask(bob);
    await ask(cleo);
    await everything();
    expect(mailsSince()).toEqual([]);
    await decide(first, max);
    await everything();
    mailsSince();
    now = `${later(24).slice(0, 10)}T07:00:00.000Z`; // eight in Berlin
    instants.length = 0;
    await everything();
    await everything();
    expect(instants).toEqual([expect.stringMatching(/T0[67]:00:00\.000Z$/)]);
    const [digest, ...rest] = mailsSince();
    expect(rest).toEqual([]);
    expect(digest).toMatchObject({ to: 'max-digest@example.com', subject: '2 requests wait for your decision' });
    expect(digest?.text?.match(/\/decide\/td_/g)).toHaveLength(2);

    const busy = await person('busy');
    for (const name of ['1', '2', '3', '4', '5']) await ask(await person(`asker-${name}`, { manager: 'busy' }));
    await everything();
    expect(mailsSince().map(({ to }) => to)).toEqual(['busy@example.com', 'busy@example.com', 'busy@example.com']);
    now = `${later(24).slice(0, 10)}T07:00:00.000Z`;
    await everything();
    expect(mailsSince()).toMatchObject([{ to: 'busy@example.com', subject: '5 requests wait for your decision' }]);
    expect(busy).not.toBe('');
  });

  it('go to nobody who left, has no address, or whose address comes from a source that may not say it', async () => {
    const gone = await person('gone');
    const nowhere = await person('nowhere', { email: 'no address, eve@evil.example' });
    const claimed = await person('claimed', { email: 'ceo@corp.example' }, 'partner');
    for (const one of [gone, nowhere, claimed])
      await act((tx) =>
        tx.notifications.add({ kind: 'sponsorship-taken-over', key: one, recipient: { identityId: one }, about: { identityId: one }, data: {} }),
      );
    await planNotifications({ store: database.store, engine, clock: () => now });
    await act((tx) =>
      takeRecord(tx, engine, { source: 'hr', externalId: 'gone', version: '99999', status: 'ended', endedAt: null, facts: { email: 'gone@example.com' } }),
    );
    await everything();
    expect(mailsSince()).toEqual([]);
    const codes = await database.execute(`select code from notice_delivery where status = 'skipped' and recipient_id = any(?::uuid[]) order by code`, [
      `{${gone},${nowhere},${claimed}}`,
    ]);
    expect(codes).toEqual([{ code: 'ADDRESS_NOT_TRUSTED' }, { code: 'NOT_THERE' }, { code: 'NO_ADDRESS' }]);
  });

  it("remind all of a group of a case's deadline, once, and whoever stands in for one of them instead", async () => {
    const [olga, oleg, pit] = [await person('olga'), await person('oleg', { jobTitle: 'Operator' }), await person('pit')];
    const wanted = { ...exampleCase('end-not-confirmed'), key: 'due', identityId: null, target: null, operationId: null, deadline: later(36) } as const;
    const opened = await act((tx) => tx.cases.open(wanted, now));
    await act((tx) => tx.cases.giveTo(opened?.id ?? '', { ownerId: null, ownerGroup: 'tenure.operator' }, now));
    const away = { fromId: oleg, toId: pit, validFrom: null, validUntil: later(90), reason: 'away', kinds: ['cases'] } as const;
    await act((tx) => delegate(tx, away));
    await everything();
    mailsSince();
    now = later(25);
    for (const _ of [1, 2]) {
      await act((tx) => tx.notifications.addComing());
      await everything();
    }
    expect(
      mailsSince()
        // Grants from other tests expire meanwhile.
        .filter(({ subject }) => subject?.includes('Audits Tenure') === false)
        .map(({ to }) => to)
        .sort(),
    ).toEqual(['olga@example.com', 'pit@example.com']);
    await act((tx) => tx.cases.close(opened?.id ?? '', 'test', 'over', now));
    expect(olga).not.toBe('');
  });

  it('tell the manager of an end, and a webhook, which learns ids alone', async () => {
    const { ada } = await team('ended');
    calls.length = 0;
    const ended = { source: 'hr', externalId: 'ada-ended', version: '99999', status: 'ended', endedAt: null } as const;
    await act((tx) => takeRecord(tx, engine, { ...ended, facts: { displayName: 'ada-ended', manager: 'max-ended' } }));
    await everything();
    expect(mailsSince()).toMatchObject([{ to: 'max-ended@example.com', subject: 'The access of ada-ended has ended' }]);
    expect(calls).toEqual([{ type: 'person-ended', timestamp: now, data: { identityId: ada } }]);
  });

  it('leave nothing personal and no secret in the database, the audit or what was told of failures', async () => {
    const { ada } = await team('planted-marker');
    server.answerWith('unknown-recipient');
    await ask(ada, 'planted-justification');
    await everything();
    const tables = await Promise.all(
      ['notice', 'notice_delivery', 'decision_link', 'case_file', 'audit_event'].map((table) => database.execute(`select t::text as row from ${table} t`)),
    );
    const stored = JSON.stringify(tables);
    expect(stored).not.toMatch(/planted-|@example\.com|td_/);
    expect(failures.map(String).filter((one) => one !== 'Error: killed')).toEqual([]);
    expect((await database.store.read((tx) => tx.audit.verify())).problems).toEqual([]);
  });
});
