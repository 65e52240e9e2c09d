import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { temporal } from '@temporalio/proto';

/** Keeps the histories of all runs as files, for the replay tests: once for each version of the workflow that was released. */
export async function recordHistories(client: Client, directory: string, kind: 'life' | 'wave' | 'request' | 'inbox' = 'life'): Promise<void> {
  let number = 0;
  for await (const { workflowId, runId } of client.workflow.list()) {
    if (kind !== 'life' && !`${workflowId}/`.startsWith(`${kind}/`)) continue;
    number += 1;
    const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    await writeFile(
      join(directory, `${kind}-${String(number).padStart(2, '0')}.json`),
      `${JSON.stringify(temporal.api.history.v1.History.toObject(history as temporal.api.history.v1.History, { longs: String, bytes: String, enums: String }), withoutTraces, 1)}\n`,
    );
  }
}

/** Stack traces name the folders of whoever recorded. */
function withoutTraces(key: string, value: unknown): unknown {
  return key === 'stackTrace' ? '' : value;
}
