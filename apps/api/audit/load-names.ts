import { EXTENSION_SOURCE, OPERATOR_SOURCE } from '@tenure/domain';
import type { StoredRecord } from '@tenure/store';
import type { Loaders } from '../graphql/loaders.ts';
import { displayName } from '../identities/view-attributes.ts';
import { idsIn, type Names, withNames } from './with-names.ts';

type NameLoaders = Pick<Loaders, 'identity' | 'record' | 'serviceToken'>;

/** A text of ours with names in the place of ids: `person <id>` becomes the person's name. */
export async function named(text: string, loaders: NameLoaders): Promise<string> {
  return withNames(text, await loadNames(idsIn(text), loaders));
}

/** What people, records ("record 7 of hr") and service tokens are called, by id. Ids of anything else, or of what is gone, are left out. */
export async function loadNames(ids: readonly string[], loaders: NameLoaders): Promise<Names> {
  const names = new Map<string, string>();
  await Promise.all(
    [...new Set(ids)].map(async (id) => {
      const [person, record] = await Promise.all([loaders.identity.load(id), loaders.record.load(id)]);
      if (person !== null) names.set(id, displayName(person));
      else if (record !== null) names.set(id, nameOf(record));
      else {
        const token = await loaders.serviceToken.load(id);
        if (token !== null) names.set(id, `service token "${token.name}"`);
      }
    }),
  );
  return names;
}

/** What operators say is kept as records too, under the id of the person. */
function nameOf({ source, externalId }: StoredRecord): string {
  if (source === OPERATOR_SOURCE) return 'an operator';
  return source === EXTENSION_SOURCE ? 'the extension of the contract' : `record ${externalId} of ${source}`;
}
