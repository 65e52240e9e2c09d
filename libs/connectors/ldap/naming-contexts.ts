import type { Client } from 'ldapts';
import { search, has, valuesOf } from './entries.ts';
import { isBelow } from './names.ts';
import type { LdapSettings } from './settings.ts';

/**
 * Branches that include an entry wherever it was moved to: `lookBelow`, else the naming contexts of the directory (RFC 4512
 * section 5.1) that include `people`, since an entry is moved within one of them. Empty when the directory does not name them.
 */
export async function wholeDirectory(client: Client, { lookBelow, people }: LdapSettings): Promise<readonly string[]> {
  if (lookBelow !== null) return lookBelow;
  const { entries } = await search(client, { base: '', scope: 'base', filter: has('objectClass'), attributes: ['namingContexts'] });
  const contexts = entries.flatMap((rootDse) => valuesOf(rootDse, 'namingContexts')).filter((context) => context !== '');
  const holding = contexts.filter((context) => people.some((branch) => isBelow(branch, context)));
  return holding.length > 0 ? holding : contexts;
}
