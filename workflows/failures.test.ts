import { expect, test } from '@jest/globals';
import { ConnectorRefused, ConnectorUnavailable, type DomainError, NotConfirmed } from '@tenure/domain';
import { toFailure } from './failures.ts';

test.each<readonly [string, DomainError, object]>([
  ['a target that asks to wait', new ConnectorUnavailable('busy', {}, { retryAfter: 7000 }), { nonRetryable: false, nextRetryDelay: 7000 }],
  ['a target that does not', new ConnectorUnavailable('down'), { nonRetryable: false, nextRetryDelay: undefined }],
  ['a reading that is to come soon', new NotConfirmed('not yet', {}, { retryAfter: 2000 }), { nonRetryable: false, nextRetryDelay: 2000 }],
  ['a reading that is not', new NotConfirmed('not yet'), { nonRetryable: false, nextRetryDelay: undefined }],
  ['a refusal', new ConnectorRefused('no'), { nonRetryable: true, nextRetryDelay: undefined }],
])('when Temporal tries again: %s', (_, error, expected) => {
  expect(toFailure(error)).toMatchObject({ type: error.code, ...expected });
});

test("a stranger's text never reaches Temporal's history", () => {
  expect(toFailure(new Error('ann@example.com is wrong'))).toMatchObject({ message: 'internal error, see the worker log', type: 'INTERNAL' });
});
