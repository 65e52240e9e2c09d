import { expect, test } from '@jest/globals';
import type { OutboxMessage } from '@tenure/store';
import { latestOfEach } from './latest-of-each.ts';

const message = (id: number, more: Partial<OutboxMessage> = {}): OutboxMessage => ({
  id,
  identityId: 'ada',
  trigger: 'record',
  urgent: false,
  correlationId: `c-${id}`,
  createdAt: '2026-03-01T12:00:00.000Z',
  traceparent: null,
  ...more,
});

test.each<readonly [string, readonly OutboxMessage[], readonly Partial<OutboxMessage>[]]>([
  ['the last message of a life', [message(1), message(2)], [{ id: 2 }]],
  [
    'a message for each life and each request',
    [message(1), message(2, { identityId: 'bob' }), message(3, { requestId: 'r' })],
    [{ id: 1 }, { id: 2 }, { id: 3 }],
  ],
  ['a human decision, whatever comes after it', [message(1, { trigger: 'decision' }), message(2)], [{ id: 1, trigger: 'decision' }]],
  ['the last of two human decisions', [message(1, { trigger: 'decision' }), message(2, { trigger: 'decision' })], [{ id: 2 }]],
  ['what is urgent about somebody as urgent, whatever comes after it', [message(1, { urgent: true }), message(2)], [{ id: 2, urgent: true }]],
])('is %s', (_, messages, expected) => {
  expect(latestOfEach(messages)).toEqual(expected.map((one) => expect.objectContaining(one)));
});
