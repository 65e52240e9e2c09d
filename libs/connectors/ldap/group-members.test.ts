import { describe, expect, test } from '@jest/globals';
import type { Client, Entry } from 'ldapts';
import { readGroupMembers } from './group-members.ts';
import type { LdapSettings } from './settings.ts';

const settings = { groups: 'ou=groups,dc=x', disable: { attribute: 'a', disabled: 'b', enabled: 'c' } } as LdapSettings;
const member = (index: number): string => `cn=m${index},dc=x`;

/** A directory with one group. @param answers to a search for its member attribute, by the name that is asked for */
function directory(answers: (attribute: string) => Readonly<Record<string, string | string[]>> | null): { readonly client: Client; readonly asked: string[] } {
  const asked: string[] = [];
  const group: Entry = { dn: 'cn=staff,ou=groups,dc=x', cn: 'staff' };
  const search = async (_base: string, { attributes: [attribute = ''] }: { readonly attributes: readonly string[] }) => {
    asked.push(attribute);
    const found = answers(attribute);
    return { searchEntries: found === null ? [] : [{ dn: group.dn, ...found }], searchReferences: [] };
  };
  async function* searchPaginated() {
    yield { searchEntries: [group], searchReferences: [] };
  }
  return { client: { search, searchPaginated } as unknown as Client, asked };
}

describe('members of groups, read in bulk', () => {
  // As Active Directory answers, which no test can start: 1,500 values at a time, with their range in the name of the attribute.
  test('a group that is answered in ranges is read to its end', async () => {
    const all = Array.from({ length: 3700 }, (_, index) => member(index));
    const { client, asked } = directory((attribute) => {
      const from = Number(/range=(\d+)/.exec(attribute)?.[1] ?? 0);
      const values = all.slice(from, from + 1500);
      const to = from + values.length >= all.length ? '*' : String(from + values.length - 1);
      return { member: [], [`member;range=${from}-${to}`]: values };
    });
    let answers = 0;
    const members = await readGroupMembers(client, settings, () => {
      answers += 1;
    });
    expect(asked).toEqual(['member', 'member;range=1500-*', 'member;range=3000-*']);
    for (const dn of [member(0), member(1500), 'CN=M3699 , DC=X'])
      expect(members?.holding(dn)).toMatchObject({ groups: [{ names: ['staff'] }], isWhole: true });
    expect(members?.holding(member(3700)).groups).toEqual([]);
    // Each answer has the time of a call.
    expect(answers).toBe(1 + asked.length);
  });

  test('members that can be searched for and not be read are searched for', async () => {
    const { client } = directory(() => ({}));
    expect(await readGroupMembers(client, settings, () => undefined)).toBeNull();
  });

  test('a group without members is no reason to search', async () => {
    const { client } = directory((attribute) => (attribute === '1.1' ? null : {}));
    expect((await readGroupMembers(client, settings, () => undefined))?.holding(member(1))).toEqual({ groups: [], isWhole: true });
  });

  test('members of the same groups share one list, so that many of them take little memory', async () => {
    const groups: readonly Entry[] = ['staff', 'ops'].map((name) => ({ dn: `cn=${name},ou=groups,dc=x`, cn: name }));
    const held: Readonly<Record<string, readonly string[]>> = { staff: [1, 2, 3].map(member), ops: [2, 3, 4].map(member) };
    const client = {
      async search(base: string) {
        return { searchEntries: groups.filter(({ dn }) => dn === base).map(({ dn, cn }) => ({ dn, member: held[String(cn)] })), searchReferences: [] };
      },
      async *searchPaginated() {
        yield { searchEntries: groups, searchReferences: [] };
      },
    } as unknown as Client;
    const members = await readGroupMembers(client, settings, () => undefined);
    const listOf = (index: number) => members?.holding(member(index)).groups;
    expect([1, 2, 3, 4, 5].map((index) => listOf(index)?.map(({ names }) => names[0]))).toEqual([['staff'], ['staff', 'ops'], ['staff', 'ops'], ['ops'], []]);
    expect(listOf(2)).toBe(listOf(3));
  });
});
