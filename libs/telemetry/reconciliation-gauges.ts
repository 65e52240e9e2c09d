import type { Gauge } from 'prom-client';
import type { MetricNames } from './metrics.ts';
import type { Pulse } from './pulse.ts';

type MakesGauge = <L extends string>(name: string, help: string, labelNames: readonly L[]) => Gauge<L>;

/** Gauges of reconciliation runs and their findings. */
export function reconciliationGauges(gauge: MakesGauge, names: () => Pick<MetricNames, 'targets'> & Partial<MetricNames>) {
  const open = gauge('tenure_findings_open', 'Findings of reconciliation that are open.', ['target', 'kind']);
  const oldest = gauge('tenure_findings_oldest_seconds', 'How long ago the oldest of them was first seen.', ['target', 'kind']);
  const age = gauge(
    'tenure_reconciliation_complete_age_seconds',
    'How long ago the last run began that read the target completely; one that never did counts from the start of the process.',
    ['target'],
  );
  const every = gauge('tenure_reconciliation_every_seconds', 'Time between two runs of a target, as configured.', ['target']);
  const observed = gauge('tenure_target_observed', '1 while the target is only observed, so that nothing is written there; else 0.', ['target']);
  const quarantined = gauge('tenure_quarantined_accounts', 'Accounts of nobody in quarantine, by state; failed: they wait for a person.', ['target', 'state']);
  const corrections = gauge('tenure_corrections_waiting', 'Accounts whose corrections wait for approval.', ['target']);
  const begun = performance.now();
  return {
    all: [open, oldest, age, every, observed, quarantined, corrections],
    set({ findings = [], completeRuns = [], observedTargets = [], quarantined: held = [], correctionsWaiting = [] }: Pulse): void {
      const { targets, reconciled = {} } = names();
      for (const [target, between] of Object.entries(reconciled)) {
        if (between === null) continue;
        every.set({ target }, between / 1000);
        age.set({ target }, (performance.now() - begun) / 1000);
      }
      for (const target of targets) corrections.set({ target }, correctionsWaiting.find((one) => one.target === target)?.count ?? 0);
      for (const { target, state, count } of held.filter((one) => targets.includes(one.target))) quarantined.set({ target, state }, count);
      for (const target of targets) observed.set({ target }, observedTargets.includes(target) ? 1 : 0);
      // Findings of a target that is no longer in tenure.yaml are left out.
      for (const { target, kind, count, oldest: since } of findings.filter((one) => targets.includes(one.target))) {
        open.set({ target, kind }, count);
        oldest.set({ target, kind }, since / 1000);
      }
      for (const one of completeRuns) if (targets.includes(one.target)) age.set({ target: one.target }, one.age / 1000);
    },
  };
}
