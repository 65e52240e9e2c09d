import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { temporal } from '@temporalio/proto';

/** Keeps the histories of all runs as files, for the replay tests: once for each version of the workflow that was released. */
export async function recordHistories(client: Client, directory: string): Promise<void> {
  let number = 0;
  for await (const { workflowId, runId } of client.workflow.list()) {
    number += 1;
    const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    await writeFile(
      join(directory, `life-${String(number).padStart(2, '0')}.json`),
      `${JSON.stringify(temporal.api.history.v1.History.toObject(history as temporal.api.history.v1.History, { longs: String, bytes: String, enums: String }), null, 1)}\n`,
    );
  }
}
