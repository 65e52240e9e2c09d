import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NewNotification } from '@tenure/domain';
import type { ActContext } from '../audit/audit.ts';
import { createTestDatabase, type TestDatabase } from '../testing.ts';

const now = '2026-03-01T12:00:00.000Z';
const context: ActContext = { actor: { kind: 'system', id: 'test' }, correlationId: 'c-1', now };
let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const add = (...notices: readonly NewNotification[]): Promise<void> => database.store.transaction(context, (tx) => tx.notifications.add(...notices));

describe('notices in the store', () => {
  it('keeps one notice of one kind, key and recipient, of many that are added at the same time', async () => {
    const [ada, bob] = [randomUUID(), randomUUID()];
    const asked = (identityId: string): NewNotification => ({ kind: 'approval-asked', key: 'item/0', recipient: { identityId }, about: {}, data: {} });
    await Promise.all(Array.from({ length: 5 }, () => add(asked(ada), asked(bob))));
    await Promise.all(Array.from({ length: 5 }, () => add(asked(bob), asked(ada))));
    await add({ ...asked(ada), kind: 'approval-reminder' }, { ...asked(ada), recipient: { relation: 'manager', of: ada } });
    expect(await database.execute('select kind, recipient from notice order by kind, recipient')).toEqual(
      [
        { kind: 'approval-asked', recipient: `identity/${ada}` },
        { kind: 'approval-asked', recipient: `identity/${bob}` },
        { kind: 'approval-asked', recipient: `manager/${ada}` },
        { kind: 'approval-reminder', recipient: `identity/${ada}` },
      ].sort((a, b) => (a.kind + a.recipient < b.kind + b.recipient ? -1 : 1)),
    );
  });
});
