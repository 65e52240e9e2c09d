import { Gauge } from 'prom-client';
import type { Metrics, MetricNames } from './metrics.ts';
import { logoutGauges } from './logout-gauges.ts';
import { oneOf } from './one-of.ts';
import { receiverGauges } from './receiver-gauges.ts';
import { reconciliationGauges } from './reconciliation-gauges.ts';
import type { Pulse } from './pulse.ts';

/** Registers gauges of the whole installation: read at each scrape, absent while the database is. Equal in all workers: take the maximum. */
export function followPulse(
  { registry, onExpose }: Pick<Metrics, 'registry' | 'onExpose'>,
  names: () => Pick<MetricNames, 'targets'> & Partial<MetricNames>,
  look: () => Promise<Pulse>,
): void {
  const registers = [registry];
  const gauge = <L extends string>(name: string, help: string, labelNames: readonly L[] = []): Gauge<L> =>
    new Gauge({ name, help, labelNames: [...labelNames], registers });
  const waiting = gauge('tenure_outbox_waiting', 'Signals to Temporal that are not delivered yet.');
  const oldest = gauge('tenure_outbox_oldest_seconds', 'Age of the oldest of them.');
  const cases = gauge('tenure_cases_open', 'Open cases.', ['kind']);
  const overdueCases = gauge('tenure_cases_overdue', 'Those of them whose deadline has passed.', ['kind']);
  const holds = gauge('tenure_holds_open', 'Suspensions of provisioning by an operator that are in force: targets, identities and operations.', ['kind']);
  const operations = gauge('tenure_operations_open', 'Operations that wait for a worker (pending) or for a human decision (failed).', ['target', 'status']);
  const ends = gauge('tenure_ends_unconfirmed', 'Accounts of leavers that no observation has confirmed as closed.', ['target']);
  const endsOldest = gauge('tenure_ends_oldest_seconds', 'Time since the oldest of them got its current desired state.', ['target']);
  const endsUntried = gauge('tenure_ends_untried_oldest_seconds', 'Time since the oldest of them was decided, of those that no worker has tried yet.', [
    'target',
  ]);
  const observations = gauge(
    'tenure_observations',
    'Aspects of accounts that the last observation did not show as desired (ABSENT), or that the target cannot show (NOT_VISIBLE).',
    ['target', 'aspect', 'verdict'],
  );
  const overdue = gauge('tenure_timers_overdue', 'Identity lifecycles, requests, cases and suspensions whose date has passed and whose timer has not fired.', [
    'kind',
  ]);
  const receivers = receiverGauges(gauge, () => names().webhooks ?? []);
  const logouts = logoutGauges(gauge, () => names().applications ?? []);
  const reconciliation = reconciliationGauges(gauge, names);
  const working = gauge('tenure_connection_works', '1 when the last test of a target or identity provider found nothing wrong, else 0.', ['kind', 'name']);
  const tested = gauge('tenure_connection_check_age_seconds', 'Time since that test.', ['kind', 'name']);
  const batches = gauge('tenure_batches_under_way', 'Batch changes that are approved, or need no approval, and are not finished.');
  const batchesOldest = gauge('tenure_batches_oldest_seconds', 'Time since the oldest of them was approved.');
  const silent = gauge('tenure_source_silent_seconds', 'Time since a source last sent records; since the start of the process when it never has.', ['source']);
  const expected = gauge('tenure_source_expected_seconds', 'Longest time between two deliveries of a source, as configured.', ['source']);
  const bytes = gauge('tenure_database_bytes', 'Size of the database.');
  const tableBytes = gauge('tenure_table_bytes', 'Size of the largest tables, with their indexes.', ['table']);
  const tableRows = gauge('tenure_table_rows', 'Rows of the largest tables, as the database estimates them.', ['table']);
  const begun = performance.now();
  const all = [
    silent,
    expected,
    bytes,
    tableBytes,
    tableRows,
    working,
    tested,
    batches,
    batchesOldest,
    waiting,
    oldest,
    cases,
    overdueCases,
    holds,
    operations,
    ends,
    endsOldest,
    endsUntried,
    observations,
    overdue,
    ...receivers.all,
    ...logouts.all,
    ...reconciliation.all,
  ];

  const set = (pulse: Pulse): void => {
    const { targets, providers = [], sources = {} } = names();
    waiting.set(pulse.outbox.waiting);
    oldest.set(pulse.outbox.oldest / 1000);
    batches.set(pulse.batches.underWay);
    batchesOldest.set(pulse.batches.oldest / 1000);
    for (const [kind, count] of Object.entries(pulse.overdue)) overdue.set({ kind }, count);
    for (const [kind, count] of Object.entries(pulse.cases)) cases.set({ kind }, count);
    for (const [kind, count] of Object.entries(pulse.overdueCases)) overdueCases.set({ kind }, count);
    for (const [kind, count] of Object.entries(pulse.holds)) holds.set({ kind }, count);
    // A target where nothing waits reports zero, so that an alert can end.
    for (const target of targets) {
      for (const status of ['pending', 'failed'] as const) operations.set({ target, status }, 0);
      ends.set({ target }, 0);
      endsOldest.set({ target }, 0);
      endsUntried.set({ target }, 0);
    }
    receivers.set(pulse);
    logouts.set(pulse);
    reconciliation.set(pulse);
    for (const [source, every] of Object.entries(sources)) {
      const age = pulse.sources?.find((one) => one.source === source)?.age ?? performance.now() - begun;
      silent.set({ source }, age / 1000);
      if (every !== null) expected.set({ source }, every / 1000);
    }
    bytes.set(pulse.size?.bytes ?? 0);
    for (const { table, bytes: size, rows } of pulse.size?.tables ?? []) {
      tableBytes.set({ table }, size);
      tableRows.set({ table }, rows);
    }
    for (const { kind, name, isWorking, age } of pulse.connections ?? []) {
      const labels = { kind: oneOf(['target', 'identity-provider'], kind), name: oneOf(kind === 'target' ? targets : providers, name) };
      working.set(labels, isWorking ? 1 : 0);
      tested.set(labels, age / 1000);
    }
    for (const { target, status, count } of pulse.operations) operations.inc({ target: oneOf(targets, target), status }, count);
    for (const { target, aspect, verdict, count } of pulse.observations) observations.inc({ target: oneOf(targets, target), aspect, verdict }, count);
    for (const { target, waiting: count, oldest: age } of pulse.ends) {
      ends.inc({ target: oneOf(targets, target) }, count);
      endsOldest.set({ target: oneOf(targets, target) }, age / 1000);
    }
    for (const { target, oldest: age } of pulse.untriedEnds ?? []) endsUntried.set({ target: oneOf(targets, target) }, age / 1000);
  };
  const answers = gauge('tenure_database_answers', '1 when the database answered for this scrape; else the gauges of the installation are left out.');
  onExpose(async () => {
    const pulse = await look().catch(() => null);
    for (const one of all) one.reset();
    answers.set(pulse === null ? 0 : 1);
    if (pulse !== null) set(pulse);
    else for (const one of [waiting, oldest, batches, batchesOldest, bytes]) one.remove();
  });
}
