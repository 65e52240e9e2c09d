import type { ConnectionLimit } from '@tenure/domain';
import { type Client, PresenceFilter } from 'ldapts';
import type { Failures } from '../failures.ts';
import { has, mustBeReadable, search } from './entries.ts';
import { isResult, resultCode } from './failures.ts';
import type { AccountMark } from './mark.ts';
import type { LdapSettings } from './settings.ts';

/** Compares the attributes of the configuration with the directory's schema, and reads the group that disables. */
export async function checkSchema(client: Client, settings: LdapSettings, mark: AccountMark, failures: Failures): Promise<readonly ConnectionLimit[]> {
  const { disable } = settings;
  if ('group' in disable)
    mustBeReadable(await search(client, { base: disable.group, scope: 'base', filter: has('objectClass'), attributes: ['1.1'] }), failures);
  const known = await attributeNames(client);
  if (known === null) return [{ code: 'SCHEMA_NOT_SHOWN', message: 'it does not show its schema: names of attributes were not tested' }];
  return written(settings, mark)
    .filter((name) => !known.has(name.toLowerCase()))
    .map((name) => ({ code: 'UNKNOWN_ATTRIBUTE', message: `its schema has no attribute ${name}: it can neither be written nor read there` }));
}

function written({ attributes, idAttribute, disable, lastActivity }: LdapSettings, mark: AccountMark): readonly string[] {
  const own = [idAttribute, mark.attribute, ...('attribute' in disable ? [disable.attribute] : []), ...(lastActivity === undefined ? [] : [lastActivity])];
  return [...new Set(['entryUUID', ...own, ...Object.keys(attributes)])];
}

/** All names of attribute types, in lower case; `null`: the directory does not show them. */
async function attributeNames(client: Client): Promise<ReadonlySet<string> | null> {
  const everything = new PresenceFilter({ attribute: 'objectClass' });
  const read = async (dn: string, attribute: string): Promise<readonly string[]> => {
    const { searchEntries } = await client.search(dn, { scope: 'base', filter: everything, attributes: [attribute] }).catch((error: unknown) => {
      if (isResult(error, resultCode.noSuchObject, resultCode.insufficientAccessRights)) return { searchEntries: [] };
      throw error;
    });
    return [searchEntries[0]?.[attribute] ?? []].flat().map(String);
  };
  const [subschema] = await read('', 'subschemaSubentry');
  const types = subschema === undefined ? [] : await read(subschema, 'attributeTypes');
  return types.length === 0 ? null : new Set(types.flatMap(namesOf));
}

/** Names in a definition such as `( 2.5.4.3 NAME ( 'cn' 'commonName' ) SUP name )` (RFC 4512 section 4.1.2). */
function namesOf(definition: string): readonly string[] {
  const begin = /\bNAME\s/.exec(definition);
  if (begin === null) return [];
  const after = definition.slice(begin.index + begin[0].length).trimStart();
  // One name, or a list of them.
  const end = after.startsWith('(') ? after.indexOf(')') : after.indexOf("'", 1) + 1;
  return [...after.slice(0, Math.max(end, 0)).matchAll(/'([^']*)'/g)].map(([, name = '']) => name.toLowerCase());
}
