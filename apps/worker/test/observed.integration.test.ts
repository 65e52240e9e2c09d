import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { inSpan, openTracing, type Tracing } from '@tenure/telemetry';
import { type OtlpReceiver, type ReceivedSpan, seriesValue, startOtlpReceiver } from '@tenure/telemetry/testing';
import { identityWorkflowId } from '@tenure/workflows/messages';
import { createInstallation, eventually, type Installation } from './installation.ts';

let receiver: OtlpReceiver;
let tracing: Tracing;
let tenure: Installation;
beforeAll(async () => {
  receiver = await startOtlpReceiver();
  tracing = await openTracing({ endpoint: receiver.url, service: 'tenure-test', delay: 100 });
  tenure = await createInstallation({ tracing });
});
afterAll(async () => {
  await tenure?.stop();
  await tracing?.shutdown();
  await receiver?.close();
});

/** Values that nobody would make up, to look for where they must not be. */
const marked = { displayName: 'Zyxwina Markenstein', email: 'zyxwina@marken-stein.example', employeeNumber: 'MARK-778899' };
const markers = /zyxwina|marken|778899/i;
const confirmed = (identityId: string) =>
  eventually(async () => (await tenure.store.read((tx) => tx.access.account(identityId, 'ledger')))?.confirmedAt ?? null);
const exposed = async (): Promise<string> => (await tenure.metrics.exposed()).body;

describe('a life that is watched', () => {
  let id: string;

  it('is one trace from the request through outbox, workflow and activities to each call to the target', async () => {
    const taken = await inSpan(tracing, 'request', { kind: 'server', parent: null }, () =>
      tenure.record({ externalId: 'O-1', version: '1', facts: { ...marked, department: 'Finance' } }),
    );
    id = taken.identityId ?? '';
    await confirmed(id);
    const find = (name: string): ReceivedSpan | undefined => receiver.spans.find((span) => span.name === name);
    const path = await eventually(async () => {
      const found = ['request', 'outbox', 'identityLifecycle', 'decide', 'applyOperations ledger', 'ledger create'].map(find);
      return found.every((span) => span !== undefined) && found;
    });
    for (const [index, span] of path.entries()) {
      if (index > 0) expect([span?.traceId, span?.parentSpanId]).toEqual([path[0]?.traceId, path[index - 1]?.spanId]);
    }
    expect(find('ledger create')?.attributes).toEqual({ 'tenure.target': 'ledger', 'tenure.kind': 'sql' });
    expect(find('applyOperations ledger')?.attributes).toMatchObject({ 'tenure.identity': id, 'temporal.workflow': identityWorkflowId(id) });
  });

  it('is counted: decisions, operations and calls by target and result', async () => {
    const body = await eventually(async () => {
      const now = await exposed();
      return (seriesValue(now, 'tenure_decision_duration_seconds_count{trigger="record"}') ?? 0) >= 2 && seriesValue(now, 'tenure_outbox_waiting') === 0 && now;
    });
    expect(seriesValue(body, 'tenure_operations_total{target="ledger",operation="create",result="done"}')).toBe(1);
    expect(seriesValue(body, 'tenure_operations_total{target="ledger",operation="addMember",result="done"}')).toBe(2);
    expect(seriesValue(body, 'tenure_target_calls_total{target="ledger",call="create",result="ok"}')).toBe(1);
    expect(seriesValue(body, 'tenure_operations_open{target="ledger",status="pending"}')).toBe(0);
  });

  it('shows that somebody who left is not closed yet while the target is down, and how long it took when it is back', async () => {
    await tenure.takeDown();
    await tenure.record({ externalId: 'O-1', version: '2', facts: { ...marked, department: 'Finance' }, status: 'ended' });
    await eventually(async () => {
      const body = await exposed();
      return (
        seriesValue(body, 'tenure_ends_unconfirmed{target="ledger"}') === 1 &&
        (seriesValue(body, 'tenure_ends_oldest_seconds{target="ledger"}') ?? 0) > 0 &&
        seriesValue(body, 'tenure_cases_open{kind="end-not-confirmed"}') === 1 &&
        (seriesValue(body, 'tenure_target_calls_total{target="ledger",call="observe",result="CONNECTOR_UNAVAILABLE"}') ?? 0) > 0
      );
    });
    expect(seriesValue(await exposed(), 'tenure_end_duration_seconds_count')).toBe(0);
    await tenure.bringBack();
    await eventually(async () => seriesValue(await exposed(), 'tenure_end_duration_seconds_count') === 1);
    const body = await exposed();
    expect(seriesValue(body, 'tenure_end_duration_seconds_sum')).toBeGreaterThan(0);
    await eventually(async () => {
      const now = await exposed();
      return seriesValue(now, 'tenure_ends_unconfirmed{target="ledger"}') === 0 && seriesValue(now, 'tenure_cases_open{kind="end-not-confirmed"}') === 0;
    });
  });

  it('tells how late it was asked by its date', async () => {
    // The grace period of these rules is three seconds: then the account is deleted.
    await eventually(async () => (await tenure.look('zyxwina')) === null);
    const body = await exposed();
    expect(seriesValue(body, 'tenure_timer_lateness_seconds_count{kind="life"}')).toBeGreaterThanOrEqual(1);
    expect(seriesValue(body, 'tenure_timers_missed_total{kind="life"}')).toBe(0);
    // Counted once, though the account was touched again afterwards.
    expect(seriesValue(body, 'tenure_end_duration_seconds_count')).toBe(1);
  });

  it('has log lines under the id of the request that caused them, as far as the activity', () => {
    const lines = tenure.log.map((line) => JSON.parse(line) as { msg: string; correlation?: string; trace?: string; code?: string });
    const failed = lines.filter(({ code }) => code === 'CONNECTOR_UNAVAILABLE');
    expect(failed.length).toBeGreaterThan(0);
    // The first of them has the id of the record; a lifecycle workflow that looks again by its timer fails under a run of its own.
    expect(failed[0]?.correlation).toBe('record-O-1-2');
    for (const line of failed) expect(line.correlation).toEqual(expect.any(String));
  });

  it('leaves nothing of the person in spans, metrics or the log', async () => {
    await eventually(async () => receiver.spans.some(({ name }) => name === 'ledger delete'));
    expect(receiver.text()).not.toMatch(markers);
    expect(await exposed()).not.toMatch(markers);
    expect(tenure.log.join('')).not.toMatch(markers);
  });
});

describe('readiness of a worker', () => {
  const states = async (): Promise<Readonly<Record<string, string>>> =>
    Object.fromEntries(await Promise.all(Object.entries(tenure.checks).map(async ([name, check]) => [name, await check()] as const)));

  it('rests on the database, Temporal, and on each queue being polled by this very worker', async () => {
    await eventually(async () => Object.values(await states()).every((state) => state === 'ok'));
    expect(Object.keys(await states())).toEqual([
      'database',
      'temporal',
      'queue tenure',
      'queue tenure/urgent',
      'queue tenure/reconciliation',
      'queue target/ledger',
    ]);
  });

  it('says which queue nobody of it polls any more', async () => {
    await tenure.stopWorkers();
    expect(await states()).toEqual({
      database: 'ok',
      temporal: 'ok',
      'queue tenure': 'its worker is stopped',
      'queue tenure/urgent': 'its worker is stopped',
      'queue tenure/reconciliation': 'its worker is stopped',
      'queue target/ledger': 'its worker is stopped',
    });
  });
});
