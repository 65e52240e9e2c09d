import { createGraphqlClient } from '@tenure/testing/graphql-client.ts';
import { userNameOf } from './check-end.ts';
import type { World } from './world.ts';

/** Record of one person in HR's export. */
export interface ExportedRecord {
  readonly number: string;
  readonly version: number;
  readonly status: 'ACTIVE' | 'ENDED';
  readonly department: 'Finance' | 'Sales' | 'Elsewhere';
}

/** Progress of an import. */
export interface ImportState {
  readonly status: 'COLLECTING' | 'WAITS_FOR_APPROVAL' | 'APPROVED' | 'DISCARDED';
  readonly finishedAt: string | null;
}

/** HR's nightly export: one at a time, sent again from its beginning until all of it was accepted. */
export interface BatchFeed {
  /** @returns the import's id */
  send(what: string, records: readonly ExportedRecord[]): Promise<string>;
  /** Waits until an import waits for approval, or is carried out. */
  settled(id: string): Promise<ImportState>;
}

export function createBatchFeed(world: World, token: string): BatchFeed {
  let turn: Promise<unknown> = Promise.resolve();
  return {
    send(what, records) {
      // The source has one import open at a time.
      const sent = turn.then(() => world.persistently(what, (url) => sendOnce(url, token, records)));
      turn = sent.catch(() => undefined);
      return sent;
    },
    settled: (id) =>
      world.persistently(`evaluation of import ${id}`, async (url) => {
        const { import: found } = await createGraphqlClient({ url, token }).ask<{ import: ImportState }>(`{ import(id: "${id}") { status finishedAt } }`);
        return found.status === 'WAITS_FOR_APPROVAL' || found.finishedAt !== null ? found : null;
      }),
  };
}

async function sendOnce(url: string, token: string, records: readonly ExportedRecord[]): Promise<string> {
  const { ask } = createGraphqlClient({ url, token });
  const { startImport } = await ask<{ startImport: { id: string } }>('mutation { startImport(source: "hr") { id } }');
  await ask('mutation ($input: RecordFactsInput!) { recordFacts(input: $input) { problems } }', {
    input: { source: 'hr', importId: startImport.id, records: records.map(recordOf) },
  });
  await ask(`mutation { finishImport(id: "${startImport.id}") { records } }`);
  return startImport.id;
}

function recordOf({ number, version, status, department }: ExportedRecord): object {
  const attributes = {
    displayName: `Person ${number}`,
    familyName: number,
    email: `${userNameOf(number)}@partner.example`,
    employeeNumber: number,
    personType: 'employee',
    department,
  };
  return { externalId: number, version: String(version), status, attributes };
}
