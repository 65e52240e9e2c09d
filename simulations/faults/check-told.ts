import { ask } from './ask.ts';
import type { Receivers } from './receivers.ts';

interface Settled {
  readonly id: string;
  readonly isSent: boolean;
  readonly line: string;
  readonly attempts: number;
}

/**
 * Notifications that are not planned, and deliveries that are not settled, by receiver; empty when all are sent. `due`: only those that no worker has
 * in hand and that wait behind no such one.
 */
export async function untold(databaseUrl: string, which: 'all' | 'due'): Promise<Readonly<Record<string, number>>> {
  const rows = await ask<{ channel: string; count: string }>(
    databaseUrl,
    `select channel, count(*) as count from notice_delivery d where status = 'waiting' and ($1 = 'all' or due_at <= now() and not exists (
         select 1 from notice_delivery e where e.status = 'waiting' and e.due_at > now() and e.channel = d.channel and e.endpoint = d.endpoint
           and e.about_id = d.about_id and e.position < d.position)) group by channel
     union all select 'unplanned', count(*) from notice where planned_at is null having count(*) > 0`,
    [which],
  );
  return Object.fromEntries(rows.map(({ channel, count }) => [channel, Number(count)]));
}

/** Ends the pauses of receivers, and the turns of workers that were killed. No worker may run meanwhile: it could still be at one of them. */
export async function skipPauses(databaseUrl: string): Promise<void> {
  await ask(databaseUrl, `update notice_delivery set due_at = now() where status = 'waiting' and due_at > now()`);
  await ask(databaseUrl, 'update notice_receiver set retry_at = now() where retry_at > now()');
}

/**
 * Differences between the deliveries that the receivers got and those that the database has as sent: each once, in the order of each person, receiver
 * and reader. A delivery comes again where a worker was killed after sending it: under the same id, before the next one, and not more often than it
 * was attempted. Its content may no longer apply at the next attempt, which withdraws it: then it came, and is not stored as sent.
 */
export async function differencesOfTold(databaseUrl: string, { told }: Receivers): Promise<readonly string[]> {
  const found: string[] = [];
  for (const channel of ['mail', 'webhook'] as const) {
    const settled = await ask<Settled>(
      databaseUrl,
      `select id, attempts, status = 'sent' as "isSent", concat_ws(' ', coalesce(about_id, id::text), recipient_id) as line from notice_delivery where channel = $1 and status in ('sent', 'skipped') order by position`,
      [channel],
    );
    const came = told[channel]();
    const known = new Map(settled.map((one) => [one.id, one]));
    const times = Map.groupBy(came, (id) => id);
    for (const id of times.keys()) if (!known.has(id)) found.push(`${channel}: ${id} came, and is not known`);
    for (const { id, attempts, isSent } of settled) {
      const count = times.get(id)?.length ?? 0;
      const [least, most] = isSent ? [1, attempts] : [0, attempts - 1];
      if (count < least || count > most) found.push(`${channel}: ${id} came ${count} times in ${attempts} attempts, ${isSent ? 'sent' : 'withdrawn'} at last`);
    }
    const lines = Map.groupBy(came, (id) => known.get(id)?.line ?? '');
    const toCome = settled.filter(({ id, isSent }) => isSent || times.has(id));
    for (const [line, expected] of Map.groupBy(toCome, (one) => one.line)) {
      const order = (lines.get(line) ?? []).filter((id, index, all) => id !== all[index - 1]);
      if (order.join() !== expected.map(({ id }) => id).join()) found.push(`${channel}: of ${line} came ${order.join(', ')}`);
    }
  }
  const failed = await ask<{ id: string; code: string }>(databaseUrl, `select id, code from notice_delivery where status = 'failed'`);
  return [...found, ...failed.map(({ id, code }) => `${id} was abandoned: ${code}`)];
}
