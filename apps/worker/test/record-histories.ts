import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { temporal } from '@temporalio/proto';

/** Name of files by the beginning of a workflow's id. */
const names: Readonly<Record<string, string>> = { identity: 'life' };

/**
 * Keeps the histories of all runs as files, where TENURE_RECORD_HISTORIES names a folder for them. Those that are worth replaying are named
 * after their path and go to workflows/histories: once for each version of the workflow that was released.
 */
export async function recordHistories(client: Client): Promise<void> {
  const directory = process.env['TENURE_RECORD_HISTORIES'];
  if (!directory) return;
  for await (const { workflowId, runId } of client.workflow.list()) {
    const [kind = ''] = workflowId.split('/');
    const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    await writeFile(
      join(directory, `${names[kind] ?? kind}-${runId}.json`),
      `${JSON.stringify(temporal.api.history.v1.History.toObject(history as temporal.api.history.v1.History, { longs: String, bytes: String, enums: String }), withoutTraces, 1)}\n`,
    );
  }
}

/** Replaces stack traces, which name folders of the machine on which they were recorded. */
function withoutTraces(key: string, value: unknown): unknown {
  return key === 'stackTrace' ? '' : value;
}
