import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { oneOf } from './one-of.ts';

/** Names from the configuration: the only values that labels of these kinds can have, so that input from outside cannot create series. */
export interface MetricNames {
  /** Targets that are read as a whole, each with the time between two runs in milliseconds; `null`: only on request. */
  readonly reconciled?: Readonly<Record<string, number | null>>;
  readonly providers: readonly string[];
  readonly targets: readonly string[];
  readonly webhooks?: readonly string[];
  /** Sources, each with the longest time between two deliveries in milliseconds; `null`: no limit. */
  readonly sources?: Readonly<Record<string, number | null>>;
}

/** Metrics of a process; durations are passed in milliseconds. docs/operate.md explains each metric. */
export interface Metrics {
  readonly registry: Registry;
  /** Names that labels can have now. */
  names(): MetricNames;
  /** Replaces the names by those of another configuration; counts stay. */
  follow(names: MetricNames): void;
  /** Records the configuration version that the process uses. @param isBehind true if there is a newer one that it could not apply */
  configuration(version: number, isBehind: boolean): void;
  /** Registers a refresh of gauges before each scrape. */
  onExpose(refresh: () => Promise<void>): void;
  login(provider: string, outcome: 'accepted' | 'refused' | 'failed', milliseconds: number): void;
  loginRefused(provider: string, reason: string): void;
  /** Counts a login without claims of a kind, for which the provider's earlier claims were kept. */
  claimsLeftOut(provider: string, kind: 'groups' | 'attributes' | 'userType'): void;
  /** Records a request. @param route the pattern, never the address */
  request(route: string, method: string, status: number, milliseconds: number): void;
  decided(trigger: string, milliseconds: number): void;
  /** Records that a timer fired. @param late milliseconds after its instant */
  timerFired(kind: 'life' | 'request' | 'case' | 'hold' | 'notice', late: number): void;
  /** Counts timers that were missed and that the sweep found, by kind. */
  timersMissed(missed: Readonly<Record<string, number>>): void;
  /** Counts approved, unfinished batch changes without a running workflow, found by the sweep. */
  batchesStopped(count: number): void;
  /** Counts identity lifecycle workflows with an unconfirmed account that had lost their wake-up, found by the sweep. */
  livesStalled(count: number): void;
  /** Counts rows that were deleted at the end of their retention. @param kind name from `EXPIRING_ROWS` */
  rowsExpired(kind: string, count: number): void;
  operation(target: string, kind: string, result: 'done' | 'retried' | 'refused'): void;
  /** Records a call to a target. @param result `ok` or the code of an error */
  targetCall(target: string, call: string, result: string, milliseconds: number): void;
  /** Records that the last account of a leaver was read back as closed. @param milliseconds since the end was decided */
  endConfirmed(milliseconds: number): void;
  /** Counts an attempt at a delivery of a notification, or a delivery that became unnecessary. @param channel `any`: planning has failed */
  notice(channel: 'mail' | 'webhook' | 'any', result: 'sent' | 'put-off' | 'given-up' | 'skipped'): void;
  /**
   * Records a check of the ends of the audit's chains.
   * @param at Unix time in milliseconds of the newest anchor that all destinations have; `null`: one of them has none
   * @param problems number of chains with an end that Tenure did not write
   */
  auditAnchored(at: number | null, problems: number): void;
  /** Records when the signing key of a purpose is to be replaced, in milliseconds of Unix time. */
  signingKeyDue(purpose: string, at: number): void;
  /** Records the offset of another clock. @param of its owner @param ahead milliseconds ahead of this process's clock; negative: behind */
  clock(of: string, ahead: number): void;
  /** Metrics in Prometheus' text format. */
  exposed(): Promise<{ readonly type: string; readonly body: string }>;
}

const quick = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** Kinds of timers. */
const timed = ['life', 'request', 'case', 'hold'];
const patient = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600, 14_400, 86_400];

export function createMetrics(first: MetricNames): Metrics {
  let names = first;
  const registry = new Registry();
  const registers = [registry];
  const histogram = <L extends string>(name: string, help: string, labelNames: readonly L[], buckets: readonly number[]): Histogram<L> =>
    new Histogram({ name, help, labelNames: [...labelNames], buckets: [...buckets], registers });
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[]): Counter<L> =>
    new Counter({ name, help, labelNames: [...labelNames], registers });

  const logins = histogram('tenure_login_duration_seconds', 'Duration of a login, from the callback request to its answer.', ['provider', 'outcome'], quick);
  const refusals = counter('tenure_login_refusals_total', 'Refused logins, by the reason in the audit.', ['provider', 'reason']);
  const leftOut = counter('tenure_login_claims_left_out_total', 'Accepted logins that left out claims, so that earlier values were kept.', [
    'provider',
    'kind',
  ]);
  const requests = histogram('tenure_http_request_duration_seconds', 'Duration of requests to the API.', ['route', 'method', 'status'], quick);
  const decisions = histogram('tenure_decision_duration_seconds', 'Duration of evaluating the access of one person, saving included.', ['trigger'], quick);
  const lateness = histogram('tenure_timer_lateness_seconds', 'Lateness of timers: time from the due instant to the handling.', ['kind'], patient);
  const missed = counter(
    'tenure_timers_missed_total',
    'Identity lifecycles, requests, cases and suspensions that the sweep signalled because their timer had not fired.',
    ['kind'],
  );
  const stopped = counter('tenure_batches_stopped_total', 'Approved batch changes that the sweep found unfinished and without a running workflow.', []);
  const stalled = counter('tenure_stalled_lives_total', 'Identity lifecycles with an unconfirmed account that had no wake-up, asked again by the sweep.', []);
  const expired = counter('tenure_expired_rows_total', 'Rows that were deleted after their retention had passed.', ['kind']);
  const operations = counter('tenure_operations_total', 'Duration of attempts at one change in a target.', ['target', 'operation', 'result']);
  const calls = histogram('tenure_target_call_duration_seconds', 'Duration of calls to targets.', ['target', 'call'], quick);
  const callResults = counter('tenure_target_calls_total', 'Calls to targets by result: ok, or the code of the error.', ['target', 'call', 'result']);
  const ends = histogram('tenure_end_duration_seconds', 'Time from the decision that a person has left to the last account confirmed closed.', [], patient);
  const notices = counter('tenure_notices_total', 'Attempts to deliver notifications, by result.', ['channel', 'result']);
  const anchoredAt = new Gauge({
    name: 'tenure_audit_anchored_at_seconds',
    help: 'Unix time of the last anchor of the audit that is stored everywhere; 0: none by this process.',
    registers,
  });
  const auditProblems = new Gauge({ name: 'tenure_audit_problems', help: 'Chains of the audit whose end was changed outside of Tenure.', registers });
  const versions = new Gauge({ name: 'tenure_configuration_version', help: 'Configuration version that this process uses.', registers });
  const behind = new Gauge({
    name: 'tenure_configuration_behind',
    help: '1 when there is a newer configuration version that this process could not take over, else 0.',
    registers,
  });
  const keysDue = new Gauge({
    name: 'tenure_signing_key_due_seconds',
    help: 'Unix time at which the signing key of a purpose is to be replaced by the next one.',
    labelNames: ['purpose'],
    registers,
  });
  const clocks = new Gauge({
    name: 'tenure_clock_ahead_seconds',
    help: "Seconds that another clock is ahead of this process's; less than 0: behind it.",
    labelNames: ['clock'],
    registers,
  });
  collectDefaultMetrics({ register: registry });
  // A series that starts at one never rises for Prometheus: series of alerts start at zero.
  const begin = ({ providers, targets }: MetricNames, known: MetricNames | null): void => {
    for (const provider of providers.filter((name) => known?.providers.includes(name) !== true)) {
      for (const outcome of ['accepted', 'refused', 'failed']) logins.zero({ provider, outcome });
      leftOut.inc({ provider, kind: 'groups' }, 0);
    }
    for (const target of targets.filter((name) => known?.targets.includes(name) !== true))
      for (const result of ['ok', 'CONNECTOR_UNAVAILABLE']) callResults.inc({ target, call: 'observe', result }, 0);
  };
  begin(first, null);
  for (const kind of timed) missed.inc({ kind }, 0);
  for (const kind of [...timed, 'notice']) lateness.zero({ kind });
  for (const result of ['put-off', 'given-up']) notices.inc({ channel: 'any', result }, 0);
  for (const channel of ['mail', 'webhook']) for (const result of ['sent', 'put-off', 'given-up', 'skipped']) notices.inc({ channel, result }, 0);

  const refreshers: (() => Promise<void>)[] = [];
  return {
    registry,
    names: () => names,
    follow(next) {
      begin(next, names);
      names = next;
    },
    configuration(version, isBehind) {
      versions.set(version);
      behind.set(isBehind ? 1 : 0);
    },
    onExpose: (refresh) => void refreshers.push(refresh),
    login: (provider, outcome, milliseconds) => logins.observe({ provider: oneOf(names.providers, provider), outcome }, milliseconds / 1000),
    loginRefused: (provider, reason) => refusals.inc({ provider: oneOf(names.providers, provider), reason: word(reason) }),
    claimsLeftOut: (provider, kind) => leftOut.inc({ provider: oneOf(names.providers, provider), kind }),
    request: (route, method, status, milliseconds) => requests.observe({ route, method, status: `${Math.floor(status / 100)}xx` }, milliseconds / 1000),
    decided: (trigger, milliseconds) => decisions.observe({ trigger }, milliseconds / 1000),
    timerFired: (kind, late) => lateness.observe({ kind }, Math.max(0, late) / 1000),
    timersMissed: (counts) => {
      for (const [kind, count] of Object.entries(counts)) missed.inc({ kind: oneOf(timed, kind) }, count);
    },
    batchesStopped: (count) => stopped.inc(count),
    livesStalled: (count) => stalled.inc(count),
    rowsExpired: (kind, count) => expired.inc({ kind: word(kind) }, count),
    operation: (target, operation, result) => operations.inc({ target: oneOf(names.targets, target), operation, result }),
    targetCall: (target, call, result, milliseconds) => {
      const known = oneOf(names.targets, target);
      calls.observe({ target: known, call }, milliseconds / 1000);
      callResults.inc({ target: known, call, result: word(result) });
    },
    endConfirmed: (milliseconds) => ends.observe(Math.max(0, milliseconds) / 1000),
    notice: (channel, result) => notices.inc({ channel, result }),
    auditAnchored(at, problems) {
      if (at !== null) anchoredAt.set(at / 1000);
      auditProblems.set(problems);
    },
    signingKeyDue: (purpose, at) => keysDue.set({ purpose }, at / 1000),
    clock: (of, ahead) => clocks.set({ clock: of.toLowerCase() }, ahead / 1000),
    async exposed() {
      await Promise.all(refreshers.map((refresh) => refresh()));
      return { type: registry.contentType, body: await registry.metrics() };
    },
  };
}

/** Code or reason for a label, if it has the form of one; other text is not shown. */
function word(text: string): string {
  return /^[A-Za-z][A-Za-z_-]{0,39}$/.test(text) ? text : 'other';
}
