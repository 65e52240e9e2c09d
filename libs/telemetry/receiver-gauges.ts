import type { Gauge } from 'prom-client';
import { oneOf } from './one-of.ts';
import type { Pulse } from './pulse.ts';

/** Creates a gauge in the registry. */
type MakeGauge = <L extends string>(name: string, help: string, labelNames: readonly L[]) => Gauge<L>;

/**
 * Gauges of the receivers of notifications: the mail server, whose endpoint is empty, and each webhook.
 * @param webhooks names from the configuration; deliveries to others are counted under `unknown`
 */
export function receiverGauges(gauge: MakeGauge, webhooks: () => readonly string[]): { readonly all: readonly Gauge[]; set(pulse: Pulse): void } {
  const labelNames = ['channel', 'endpoint'] as const;
  const waiting = gauge('tenure_notices_waiting', 'Mails and webhook calls that are due and not delivered yet.', labelNames);
  const oldest = gauge('tenure_notices_oldest_seconds', 'Age of the oldest of them.', labelNames);
  const failing = gauge(
    'tenure_notices_receiver_failing_seconds',
    'Time since which every attempt to deliver to a receiver has failed; 0: the last attempt succeeded.',
    labelNames,
  );
  return {
    all: [waiting, oldest, failing],
    set(pulse) {
      const receivers = [{ channel: 'mail', endpoint: '' }, ...webhooks().map((endpoint) => ({ channel: 'webhook', endpoint }))];
      const known = (channel: string, endpoint: string): boolean => receivers.some((one) => one.channel === channel && one.endpoint === endpoint);
      // A receiver for which nothing waits reports zero, so that an alert can end.
      for (const receiver of receivers) for (const one of [waiting, oldest, failing]) one.set(receiver, 0);
      const ages = new Map<string, number>();
      for (const { channel, endpoint, waiting: count, oldest: age } of pulse.notices) {
        const labels = { channel, endpoint: channel === 'mail' ? '' : oneOf(webhooks(), endpoint) };
        waiting.inc(labels, count);
        const [key, most] = [JSON.stringify(labels), age / 1000];
        ages.set(key, Math.max(ages.get(key) ?? 0, most));
        oldest.set(labels, ages.get(key) ?? 0);
      }
      for (const { channel, endpoint, failing: time } of pulse.receivers ?? []) if (known(channel, endpoint)) failing.set({ channel, endpoint }, time / 1000);
    },
  };
}
