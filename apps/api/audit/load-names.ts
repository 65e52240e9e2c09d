import type { Loaders } from '../graphql/loaders.ts';
import { displayName } from '../identities/view-attributes.ts';
import type { Names } from './with-names.ts';

/** What people, records ("7 of hr") and service tokens are called, by id. Ids of anything else, or of what is gone, are left out. */
export async function loadNames(ids: readonly string[], loaders: Pick<Loaders, 'identity' | 'record' | 'serviceToken'>): Promise<Names> {
  const names = new Map<string, string>();
  await Promise.all(
    [...new Set(ids)].map(async (id) => {
      const [person, record, token] = await Promise.all([loaders.identity.load(id), loaders.record.load(id), loaders.serviceToken.load(id)]);
      if (person !== null) names.set(id, displayName(person));
      else if (record !== null) names.set(id, `${record.externalId} of ${record.source}`);
      else if (token !== null) names.set(id, `service token "${token.name}"`);
    }),
  );
  return names;
}
