import { describe, expect, test } from '@jest/globals';
import { compileMapping } from '../accounts/account-mapping.ts';
import { keyAttributes, type KeyHolder, keyText, searchOwners } from './account-owner.ts';

const text = { type: 'string' } as const;

describe('the attributes by which an owner is proposed', () => {
  const mapping = compileMapping(
    {
      name: 'crm',
      attributes: {
        mail: 'identity.email',
        number: '"E-" + identity.employeeNumber',
        cn: 'identity.displayName',
        both: 'identity.displayName + " " + identity.employeeNumber',
        fixed: '"everybody"',
        badge: 'identity.employeeNumber',
      },
      rules: { badge: { writeOnly: true } },
    },
    { email: text, employeeNumber: text, displayName: text },
  );

  test('read nothing but correlation keys: no name, and nothing that the target never shows', () => {
    expect(keyAttributes(mapping, new Set(['email', 'employeeNumber'])).toSorted()).toEqual(['mail', 'number']);
    expect(keyAttributes(mapping, new Set(['employeeNumber']))).toEqual(['number']);
    expect(keyAttributes(mapping, new Set())).toEqual([]);
  });
});

describe('the normal text of a key', () => {
  test.each([
    ['case', 'Ann@Corp.example', 'ann@corp.example'],
    ['spaces around it', ' 4711\u00a0', '4711'],
    ['composition', 'M\u00dc-1', 'MU\u0308-1'],
    ['a list of one', ['4711'], 4711],
  ] as const)('is the same whatever its %s', (_title, one, other) => expect(keyText(one)).toBe(keyText(other)));

  test('differs for letters that only look alike', () => {
    expect(keyText('\u212Aate@corp.example')).not.toBe(keyText('kate@corp.example'));
    expect(keyText('gro\u00dfe')).not.toBe(keyText('grosse'));
  });

  test.each([undefined, '', ' \u00a0', [], ['a', 'b']])('there is none for %j', (value) => expect(keyText(value)).toBeNull());
});

describe('the owner of an account', () => {
  const ownersOf = (keys: Readonly<Record<string, string>>, people: readonly Readonly<Record<string, string>>[]) => {
    const search = searchOwners(new Map([['7', keys]]));
    for (const [index, held] of people.entries()) search.add({ identityId: `p-${index}`, state: 'active', keys: held } satisfies KeyHolder);
    return search.owners().get('7') ?? null;
  };

  test('is the one person with its keys', () => {
    expect(ownersOf({ mail: 'a' }, [{ mail: 'a' }, { mail: 'b' }])).toEqual({ identityId: 'p-0', state: 'active', keys: ['mail'] });
    expect(ownersOf({ mail: 'a', number: '1' }, [{ mail: 'a', number: '1' }])).toMatchObject({ identityId: 'p-0', keys: ['mail', 'number'] });
    expect(ownersOf({ mail: 'a', number: '9' }, [{ mail: 'a', number: '1' }])).toMatchObject({ identityId: 'p-0', keys: ['mail'] });
  });

  test.each<[string, Readonly<Record<string, string>>, readonly Readonly<Record<string, string>>[]]>([
    ['nobody has them', { mail: 'a' }, [{ mail: 'b' }]],
    ['two people have one', { mail: 'a' }, [{ mail: 'a' }, { mail: 'a' }]],
    ['its keys belong to two people', { mail: 'a', number: '1' }, [{ mail: 'a' }, { number: '1' }]],
    ['a key of two people, though another one is of one', { mail: 'a', number: '1' }, [{ mail: 'a', number: '1' }, { mail: 'a' }]],
    ['the value is that of another attribute', { mail: 'a' }, [{ number: 'a' }]],
    ['it has none', {}, [{ mail: 'a' }]],
  ])('is nobody where %s', (_title, keys, people) => expect(ownersOf(keys, people)).toBeNull());
});
