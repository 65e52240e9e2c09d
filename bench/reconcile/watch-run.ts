import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { ReconciliationRun, Store } from '@tenure/store';
import { memoryOf } from '../memory.ts';

/** A finished run, with the largest resident memory of the worker meanwhile in megabytes. */
export interface WatchedRun {
  readonly run: ReconciliationRun;
  readonly memory: number;
}

/** Requests a run of a target and waits for its end. @throws Error if it is not finished in time */
export async function watchRun(store: Store, target: string, workerPid: number): Promise<WatchedRun> {
  const now = new Date().toISOString();
  const asked = { id: randomUUID(), target, trigger: 'request', requestedBy: null, reason: 'bench', expectsFewer: false } as const;
  const { id } = await store.transaction({ actor: { kind: 'system', id: 'bench' }, correlationId: 'bench', now }, (tx) =>
    tx.reconciliationRuns.request(asked, now),
  );
  let memory = 0;
  for (const until = performance.now() + 4 * 3_600_000; performance.now() < until; ) {
    memory = Math.max(memory, (await memoryOf(workerPid)) ?? 0);
    const run = await store.read((tx) => tx.reconciliationRuns.get(id));
    if (run !== null && run.finishedAt !== null) return { run, memory };
    await pause(200);
  }
  throw new Error(`the run of ${target} has not finished`);
}

/** Milliseconds from the begin of a run to the end of its reading, and to its end. */
export function durationsOf({ startedAt, readAt, finishedAt }: ReconciliationRun): { readonly reading: number; readonly whole: number } {
  const from = Date.parse(startedAt ?? '');
  return { reading: Date.parse(readAt ?? '') - from, whole: Date.parse(finishedAt ?? '') - from };
}
