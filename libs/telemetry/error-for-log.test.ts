import { describe, expect, test } from '@jest/globals';
import { ConnectorUnavailable } from '@tenure/domain';
import { pino } from 'pino';
import { errorForLog } from './error-for-log.ts';

function logged(error: unknown): string {
  let line = '';
  pino({ serializers: { err: errorForLog } }, { write: (text) => void (line = text) }).error({ err: error }, 'it failed');
  return line;
}

describe('an error in the log', () => {
  test.each([
    [
      'a duplicate in PostgreSQL',
      Object.assign(new Error('duplicate key value violates unique constraint "identity_user_name_unique"'), {
        code: '23505',
        detail: 'Key (user_name)=(vera.marker) already exists.',
        where: 'vera.marker',
        query: "insert 'vera.marker'",
        constraint: 'identity_user_name_unique',
      }),
    ],
    [
      'a refused row',
      Object.assign(new Error('new row for relation "x" violates check constraint "y"\n - detail: Failing row contains (1, vera.marker, {}).'), {
        code: '23514',
      }),
    ],
    ['a trigger', Object.assign(new Error('vera.marker is not wanted'), { code: 'P0001', routine: 'exec_stmt_raise' })],
    ['a value of the wrong type', new Error('invalid input syntax for type uuid: "vera.marker"')],
    ['a statement', new Error("insert into identity values ('vera.marker', 'it''s vera.marker') - syntax error at or near 'vera.marker'")],
    ['JSON that is none', new SyntaxError(`Unexpected token 'v', "vera.marker"... is not valid JSON`)],
    ['JSON that ends in a quotation', new SyntaxError('Unterminated string in JSON: "vera.marker')],
    ['an address', new Error('no such mailbox vera.marker@corp.example here')],
    ['a URL with a password', new Error('connect failed: postgresql://tenure:vera.marker@db.corp:5432/tenure')],
    ['a cause', new Error('outside', { cause: new Error("inside: 'vera.marker'") })],
    ['several', new AggregateError([new Error("one 'vera.marker'")], "all 'vera.marker'")],
    ['a cause of ours', new ConnectorUnavailable('the connection failed', { reason: 'ECONNREFUSED' }, { cause: new Error('said "vera.marker"') })],
    ['a property', Object.assign(new Error('failed'), { response: { body: 'vera.marker' }, request: 'vera.marker', config: { token: 'vera.marker' } })],
    ['something thrown that is no error', 'vera.marker'],
  ])('of %s does not hold what it is about', (_title, error) => {
    const line = logged(error);
    expect(line).not.toContain('marker');
    expect(line).toContain('it failed');
  });

  test('says what is needed to find the fault: kind, code, constraint, place, and our own sentences', () => {
    const line = logged(
      Object.assign(new TypeError('cannot read it', { cause: new ConnectorUnavailable('the CRM does not answer') }), {
        code: '23505',
        constraint: 'identity_user_name_unique',
      }),
    );
    expect(JSON.parse(line)).toMatchObject({
      err: {
        type: 'TypeError',
        message: 'cannot read it',
        code: '23505',
        constraint: 'identity_user_name_unique',
        stack: expect.stringMatching(/^ {4}at .*error-for-log\.test\.ts/),
        causes: [{ type: 'ConnectorUnavailable', message: 'the CRM does not answer', code: 'CONNECTOR_UNAVAILABLE' }],
      },
    });
    expect(logged(new Error('column "no_such_column" of relation "source_record" does not exist'))).toContain('no_such_column');
  });
});
