import { EXTENSION_SOURCE, OPERATOR_SOURCE } from '@tenure/domain';
import type { StoredRecord } from '@tenure/store';
import type { Loaders } from '../../server/loaders.ts';
import { displayName } from '../identities/view-attributes.ts';
import { idsIn, type Names, withNames } from './with-names.ts';

type NameLoaders = Pick<Loaders, 'identity' | 'record' | 'serviceToken'>;

/** A text of ours with names instead of ids: `person <id>` becomes the person's name. */
export async function named(text: string, loaders: NameLoaders): Promise<string> {
  return withNames(text, await loadNames(idsIn(text), loaders));
}

/** Display names of people, records ("record 7 of hr") and service tokens, by id. Ids of other objects, and of deleted ones, are left out. */
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

/** Display name of a record. The records of operators and of extensions have the id of the person as external id, so it is not shown. */
function nameOf({ source, externalId }: StoredRecord): string {
  if (source === OPERATOR_SOURCE) return 'an operator';
  return source === EXTENSION_SOURCE ? 'the extension of the contract' : `record ${externalId} of ${source}`;
}
