import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isKeptWhenAbsent, parameterise, StatementInvalid } from './sql-statement.ts';

const known = new Set(['userName', 'nativeId', 'enabled', 'e']);

describe('parameterise', () => {
  test.each([
    ['a name', 'WHERE login = :userName', 'WHERE login = $1', ['userName']],
    ['a name twice', ':userName, :nativeId, :userName', '$1, $2, $1', ['userName', 'nativeId']],
    ['a name with a cast', ':nativeId::bigint', '$1::bigint', ['nativeId']],
    ['a cast alone', "'1'::enabled", "'1'::enabled", []],
    ['an assignment', 'f(userName:=1)', 'f(userName:=1)', []],
    ['a string', "':userName' || :userName", "':userName' || $1", ['userName']],
    ['a doubled quote', "'it''s :userName' || :userName", "'it''s :userName' || $1", ['userName']],
    ['a backslash at the end of a plain string', "'\\' || :userName", "'\\' || $1", ['userName']],
    ['an escape string', "E'\\' :userName' || :userName", "E'\\' :userName' || $1", ['userName']],
    ['an escape string after a name', ":e'\\' || ':userName'", "$1'\\' || ':userName'", ['e']],
    ['a word that ends in e before a string', "date'\\' || :userName", "date'\\' || $1", ['userName']],
    ['a quoted identifier', '":userName" = :userName AND "a"":userName"', '":userName" = $1 AND "a"":userName"', ['userName']],
    ['a line comment', "-- :userName'\n:userName", "-- :userName'\n$1", ['userName']],
    ['a comment', "/* :userName ' */ :userName", "/* :userName ' */ $1", ['userName']],
    ['a nested comment', '/* /* */ :userName */ :userName', '/* /* */ :userName */ $1', ['userName']],
    ['a dollar quote', '$$ :userName $$ :userName', '$$ :userName $$ $1', ['userName']],
    ['a dollar quote with a tag', '$a$ $$ :userName $b$ $a$ :userName', '$a$ $$ :userName $b$ $a$ $1', ['userName']],
    ['a dollar within an identifier', 'a$x$ = :userName AND b$x$ = 1', 'a$x$ = $1 AND b$x$ = 1', ['userName']],
    ['a name next to operators', '(:userName||:nativeId)', '($1||$2)', ['userName', 'nativeId']],
    ['an array slice', 'a[1 : 2]', 'a[1 : 2]', []],
    ['a name that begins like another', ':enabled :e', '$1 $2', ['enabled', 'e']],
  ])('%s', (_title, statement, text, names) => {
    expect(parameterise(statement, known)).toEqual({ text, names });
  });

  test.each([
    ['a name that is not known', 'x = :username', ':username is not known here'],
    ['a name in an array slice', 'a[1:n]', ':n is not known here'],
    ['a parameter by position', 'x = $1', '$1 is not allowed'],
    ['a string without end', "x = 'abc", 'a quote that opens at character 5 does not close'],
    ['an identifier without end', 'x = "abc', 'a quote that opens at character 5 does not close'],
    ['a dollar quote without end', 'x = $a$ $b$', 'a quote that opens at character 5 does not close'],
    ['a comment without end', 'x /* /* */', 'a comment that opens at character 3 does not close'],
  ])('refuses %s', (_title, statement, message) => {
    expect(() => parameterise(statement, known)).toThrow(StatementInvalid);
    expect(() => parameterise(statement, known)).toThrow(message);
  });

  test('whatever stands around them, exactly the names become parameters', () => {
    const name = fc.constantFrom(...known);
    const text = fc.string().filter((value) => !value.includes('\0'));
    const quiet = fc.oneof(
      text.map((value) => `'${value.replaceAll("'", "''")}'`),
      text.map((value) => `"${value.replaceAll('"', '""')}"`),
      text.map((value) => `E'${value.replace(/['\\]/g, '\\$&')}'`),
      text.map((value) => `--${value.replaceAll('\n', ' ')}\n`),
      text.filter((value) => !/[*/]/.test(value)).map((value) => `/*${value}/* :userName */*/`),
      text.filter((value) => !value.includes('$')).map((value) => `$tag$${value}$tag$`),
      fc.constantFrom('SELECT', '::text', '=', '(', ')', '1', 'e', '%', 'name$1', ':='),
    );
    const piece = fc.oneof(
      quiet.map((value) => ({ value, name: null })),
      name.map((value) => ({ value: `:${value}`, name: value })),
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const names = [...new Set(pieces.flatMap((each) => each.name ?? []))];
        const expected = pieces.map((each) => (each.name === null ? each.value : `$${names.indexOf(each.name) + 1}`)).join(' ');
        expect(parameterise(pieces.map(({ value }) => value).join(' '), known)).toEqual({ text: expected, names });
      }),
    );
  });
});

test.each([
  ['UPDATE a SET pin = COALESCE(:pin, pin), e = :e', true],
  ['UPDATE a SET pin = coalesce ( :pin , pin)', true],
  ['UPDATE a SET pin = COALESCE(:pin, pin) WHERE pin <> :pin', false],
  ['UPDATE a SET pin = :pin', false],
  ['UPDATE a SET pin = COALESCE(pin, :pin)', false],
])('%s keeps what is there where there is no value: %s', (statement, kept) => {
  expect(isKeptWhenAbsent(parameterise(statement, new Set(['pin', 'e'])), 'pin')).toBe(kept);
});

test('the first of ten names is not taken for the tenth', () => {
  const names = Array.from({ length: 10 }, (_, index) => `n${index}`);
  const statement = parameterise(`UPDATE a SET ${names.map((name) => `${name} = COALESCE(:${name}, ${name})`).join(', ')}, x = :n9`, new Set(names));
  expect([isKeptWhenAbsent(statement, 'n0'), isKeptWhenAbsent(statement, 'n9')]).toEqual([true, false]);
});
