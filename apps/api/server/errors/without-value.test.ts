import { describe, expect, test } from '@jest/globals';
import { buildSchema, execute, GraphQLError, parse, validate } from 'graphql';
import { compileQuery, isCompiledQuery } from 'graphql-jit';
import { withoutValue } from './without-value.ts';

const schema = buildSchema(`
  enum Colour { RED BLUE }
  input Piece { name: String! }
  input Part { name: String! colours: [Colour!] size: Int part: Piece }
  type Query { find(part: Part, text: String, size: Int, id: ID, share: Float, isOn: Boolean, colour: Colour): String }
`);

/** Error messages about the variables of a query, from both ways to execute it, with and without values. */
function said(variables: string, values: Readonly<Record<string, unknown>>): { shown: string[]; raw: string } {
  const names = variables.split(/[$:]/).filter((_, index) => index % 2 === 1);
  const document = parse(`query (${variables}) { find(${names.map((name) => `${name}: $${name}`).join(', ')}) }`);
  const compiled = compileQuery(schema, document);
  const results = [execute({ schema, document, variableValues: values }), isCompiledQuery(compiled) ? compiled.query({}, {}, values) : compiled];
  const errors = results.flatMap((result) => (result as { errors?: readonly GraphQLError[] }).errors ?? []);
  return { shown: errors.map(withoutValue), raw: errors.map(({ message }) => message).join('\n') };
}

describe('a message keeps what is wrong and loses the value', () => {
  const secret = 'cannot represent vera.victim: ; Expected type Victim. "victim" does not exist in "Victim" enum at "victim"; victim';
  const cases: readonly [string, Readonly<Record<string, unknown>>, readonly RegExp[]][] = [
    [
      '$text: String',
      { text: { secret } },
      [
        /^Variable "\$text" got an invalid value; String cannot represent a non string value$/,
        /Expected type String; String cannot represent a non string value$/,
      ],
    ],
    ['$size: Int', { size: secret }, [/; Int cannot represent non-integer value$/, /; Expected type Int; Int cannot represent non-integer value$/]],
    ['$size: Int', { size: 2 ** 40 }, [/; Int cannot represent non 32-bit signed integer value$/, /non 32-bit signed integer value$/]],
    ['$id: ID', { id: { secret } }, [/; ID cannot represent value$/, /ID cannot represent value$/]],
    ['$share: Float', { share: secret }, [/; Float cannot represent non numeric value$/, /Float cannot represent non numeric value$/]],
    ['$isOn: Boolean', { isOn: secret }, [/; Boolean cannot represent a non boolean value$/, /a non boolean value$/]],
    ['$colour: Colour', { colour: secret }, [/; A value does not exist in "Colour" enum\.$/, /; Expected type Colour\.$/]],
    ['$colour: Colour', { colour: 3 }, [/; Enum "Colour" cannot represent non-string value$/, /; Expected type Colour\.$/]],
    ['$part: Part', { part: secret }, [/; Expected type "Part" to be an object\.$/, /; Expected type Part to be an object\.$/]],
    ['$part: Part', { part: { name: 'x', colours: [secret] } }, [/ at "part\.colours\[0\]"; A value does not exist/, /; Expected type Colour\.$/]],
    [
      '$part: Part',
      { part: { name: secret, part: {} } },
      [/; Field "name" of required type "String!" was not provided\.$/, /; Field [\w.]+name of required type String! was not provided\.$/],
    ],
  ];
  test.each(cases)('%s %j', (variables, values, [interpreted, compiled]) => {
    const { shown, raw } = said(variables, values);
    expect(shown).toEqual([expect.stringMatching(interpreted as RegExp), expect.stringMatching(compiled as RegExp)]);
    expect(shown.join('\n')).not.toMatch(/victim/i);
    expect(raw).toContain('got invalid value');
  });

  test('a literal in the query', () => {
    const errors = validate(schema, parse('{ find(size: "vera.victim", text: 3, colour: VICTIM, part: VICTIM) }'));
    expect(errors).toHaveLength(4);
    expect(errors.map(withoutValue).join('\n')).not.toMatch(/victim/i);
  });

  test('what names no value stays as it is', () => {
    for (const message of [
      'Cannot query field "x" on type "Query".',
      'Syntax Error: Unexpected <EOF>.',
      'Variable "$a" of required type "Int!" was not provided.',
    ])
      expect(withoutValue(new GraphQLError(message))).toBe(message);
  });
});
