import { describe, expect, it } from '@jest/globals';
import { followPulse } from './follow-pulse.ts';
import { createMetrics } from './metrics.ts';
import type { Pulse } from './pulse.ts';

const names = { providers: ['contoso'], targets: ['crm', 'ledger'] };

describe('metrics', () => {
  it('are told in seconds, under names of the configuration alone', async () => {
    const metrics = createMetrics(names);
    metrics.login('contoso', 'accepted', 4);
    metrics.login('<script>', 'refused', 4);
    metrics.loginRefused('contoso', 'assertion-replayed');
    metrics.loginRefused('contoso', 'said by "somebody@example.com"');
    metrics.targetCall('crm', 'create', 'CONNECTOR_UNAVAILABLE', 20);
    metrics.targetCall('elsewhere', 'create', 'ok', 20);
    const { body } = await metrics.exposed();
    expect(body).toContain('tenure_login_duration_seconds_bucket{le="0.005",provider="contoso",outcome="accepted"} 1');
    expect(body).toContain('tenure_login_duration_seconds_count{provider="unknown",outcome="refused"} 1');
    expect(body).toContain('tenure_login_refusals_total{provider="contoso",reason="assertion-replayed"} 1');
    expect(body).toContain('tenure_login_refusals_total{provider="contoso",reason="other"} 1');
    expect(body).toContain('tenure_target_calls_total{target="crm",call="create",result="CONNECTOR_UNAVAILABLE"} 1');
    expect(body).toContain('tenure_target_calls_total{target="unknown",call="create",result="ok"} 1');
    expect(body).not.toMatch(/<script|somebody|elsewhere/);
    expect(body).toContain('process_cpu_seconds_total');
  });

  it('tell how the installation stands, and leave it out while the database does not answer', async () => {
    const metrics = createMetrics(names);
    let pulse: Pulse | null = {
      outbox: { waiting: 3, oldest: 1500 },
      batches: { underWay: 2, oldest: 90_000 },
      cases: { 'operation-failed': 2, 'end-not-confirmed': 0 },
      overdueCases: { 'operation-failed': 1 },
      holds: { target: 1 },
      operations: [{ target: 'crm', status: 'failed', count: 2 }],
      ends: [{ target: 'ledger', waiting: 1, oldest: 90_000 }],
      untriedEnds: [{ target: 'ledger', oldest: 45_000 }],
      observations: [{ target: 'ledger', aspect: 'membership', verdict: 'NOT_VISIBLE', count: 2 }],
      overdue: { life: 0, request: 1 },
      notices: [
        { channel: 'mail', endpoint: '', waiting: 2, oldest: 4000 },
        { channel: 'webhook', endpoint: 'ticketing', waiting: 5, oldest: 60_000 },
        { channel: 'webhook', endpoint: 'removed', waiting: 1, oldest: 9000 },
        { channel: 'webhook', endpoint: 'removed-too', waiting: 1, oldest: 3000 },
      ],
      findings: [
        { target: 'crm', kind: 'orphan-account', count: 3, oldest: 5000 },
        { target: 'removed', kind: 'orphan-account', count: 9, oldest: 5000 },
      ],
      completeRuns: [{ target: 'crm', age: 60_000 }],
      observedTargets: ['crm'],
      quarantined: [
        { target: 'crm', state: 'quarantined', count: 2 },
        { target: 'removed', state: 'failed', count: 1 },
      ],
      correctionsWaiting: [{ target: 'crm', count: 7 }],
      receivers: [
        { channel: 'webhook', endpoint: 'ticketing', failing: 30_000 },
        { channel: 'webhook', endpoint: 'removed', failing: 90_000 },
      ],
    };
    followPulse(
      metrics,
      () => ({ ...names, webhooks: ['ticketing', 'chat'], reconciled: { crm: 86_400_000, ledger: null } }),
      () => (pulse === null ? Promise.reject(new Error('down')) : Promise.resolve(pulse)),
    );
    const first = (await metrics.exposed()).body;
    for (const line of [
      'tenure_outbox_waiting 3',
      'tenure_outbox_oldest_seconds 1.5',
      'tenure_batches_under_way 2',
      'tenure_batches_oldest_seconds 90',
      'tenure_batches_stopped_total 0',
      'tenure_cases_open{kind="end-not-confirmed"} 0',
      'tenure_cases_overdue{kind="operation-failed"} 1',
      'tenure_holds_open{kind="target"} 1',
      'tenure_operations_open{target="crm",status="failed"} 2',
      'tenure_operations_open{target="ledger",status="failed"} 0',
      'tenure_ends_oldest_seconds{target="ledger"} 90',
      'tenure_ends_untried_oldest_seconds{target="ledger"} 45',
      'tenure_ends_untried_oldest_seconds{target="crm"} 0',
      'tenure_ends_unconfirmed{target="crm"} 0',
      'tenure_observations{target="ledger",aspect="membership",verdict="NOT_VISIBLE"} 2',
      'tenure_timers_overdue{kind="life"} 0',
      'tenure_timers_overdue{kind="request"} 1',
      'tenure_notices_waiting{channel="mail",endpoint=""} 2',
      'tenure_notices_waiting{channel="webhook",endpoint="ticketing"} 5',
      'tenure_notices_waiting{channel="webhook",endpoint="unknown"} 2',
      'tenure_notices_oldest_seconds{channel="webhook",endpoint="ticketing"} 60',
      'tenure_notices_oldest_seconds{channel="webhook",endpoint="chat"} 0',
      'tenure_notices_oldest_seconds{channel="webhook",endpoint="unknown"} 9',
      'tenure_notices_receiver_failing_seconds{channel="mail",endpoint=""} 0',
      'tenure_notices_receiver_failing_seconds{channel="webhook",endpoint="ticketing"} 30',
      'tenure_notices_receiver_failing_seconds{channel="webhook",endpoint="chat"} 0',
      'tenure_findings_open{target="crm",kind="orphan-account"} 3',
      'tenure_findings_oldest_seconds{target="crm",kind="orphan-account"} 5',
      'tenure_reconciliation_complete_age_seconds{target="crm"} 60',
      'tenure_reconciliation_every_seconds{target="crm"} 86400',
      'tenure_quarantined_accounts{target="crm",state="quarantined"} 2',
      'tenure_corrections_waiting{target="crm"} 7',
      'tenure_corrections_waiting{target="ledger"} 0',
      'tenure_target_observed{target="crm"} 1',
      'tenure_target_observed{target="ledger"} 0',
      'tenure_database_answers 1',
    ])
      expect(first).toContain(`${line}\n`);
    pulse = null;
    const second = (await metrics.exposed()).body;
    expect(second).toContain('tenure_database_answers 0\n');
    expect(first).not.toContain('removed');
    expect(first).not.toMatch(/^tenure_reconciliation_\w+\{target="ledger"\}/m);
    expect(second).not.toMatch(/^tenure_(outbox_waiting|cases_open\S*|ends_unconfirmed\S*|notices_oldest_seconds\S*|timers_overdue\S*) /m);
  });
});
