import { expect, test } from '@jest/globals';
import { policyReference } from './policy-reference.ts';
import { POLICY_SCHEMA } from './policy-schema.ts';

const rows = policyReference(POLICY_SCHEMA)
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => line.slice(2, -2).split(/(?<!\\) \| /));

test('every field of the policy says what it is, and shows an example where its type does not', () => {
  const unclear = rows.filter(([, type = '', standard, meaning, example]) => {
    const showsItself = type.startsWith('`') || type === 'map' || type === 'list of maps' || standard?.startsWith('`');
    return type === '' || meaning === '' || (example?.trim() === '' && !showsItself);
  });
  expect(unclear).toEqual([]);
  expect(rows.length).toBeGreaterThan(80);
});

test('fields within fields are told by their path, and maps that come again by the first', () => {
  const schema = {
    properties: {
      rules: {
        description: 'what holds',
        items: {
          required: ['a'],
          properties: {
            a: { description: 'one', properties: { x: { type: 'integer', default: 3, description: 'how many' } } },
            b: { description: 'another', properties: { x: { type: 'integer', default: 3, description: 'how many' } } },
            c: { type: 'array', description: 'some | more', items: { type: 'string', description: 'a word' }, examples: [['u', 'v']] },
          },
        },
      },
    },
  };
  expect(policyReference(schema)).toContain(`## rules

What holds. A list.

| Field | Type | Default | Meaning | Example |
| --- | --- | --- | --- | --- |
| \`a\` |  | required | one |  |
| \`a.x\` | whole number | \`3\` | how many |  |
| \`b\` |  | – | another; as \`a\` |  |
| \`c\` | list: text | – | some \\| more | \`[ u, v ]\` |
`);
});
