import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { parser } from '@prometheus-io/lezer-promql';
import { createMetrics, followPulse, followTemporal } from '@tenure/telemetry';
import { parse } from 'yaml';

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: { readonly summary: string; readonly runbook: string };
}
interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly datasource?: { readonly uid: string };
  readonly targets?: readonly { readonly expr: string }[];
}
interface Services {
  readonly services: Readonly<Record<string, Service>>;
}

interface Service {
  readonly profiles?: readonly string[];
  readonly volumes?: readonly string[];
  readonly command?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
}

const fileOf = (path: string): Promise<string> => readFile(new URL(`../${path}`, import.meta.url), 'utf8');
const yamlOf = async <T>(path: string): Promise<T> => parse(await fileOf(path), { merge: true }) as T;
const rules = async (): Promise<readonly Rule[]> =>
  (await yamlOf<{ groups: readonly { rules: readonly Rule[] }[] }>('docs/operate/alerts.yml')).groups.flatMap((group) => group.rules);
const dashboard = async (): Promise<{ readonly panels: readonly Panel[] }> => JSON.parse(await fileOf('docs/operate/dashboard.json')) as { panels: Panel[] };

/** Every metric that the processes have, with its labels. */
async function known(): Promise<ReadonlyMap<string, readonly string[]>> {
  const metrics = createMetrics({ providers: [], targets: [] });
  const names = { targets: [] };
  followPulse(
    metrics,
    () => names,
    () => Promise.reject(new Error('there is none')),
  );
  followTemporal(metrics, () => Promise.resolve('ok'));
  const all = new Map<string, readonly string[]>([['up', []]]);
  for (const metric of await metrics.registry.getMetricsAsJSON()) {
    const { labelNames = [] } = metrics.registry.getSingleMetric(metric.name) as unknown as { labelNames?: readonly string[] };
    for (const suffix of String(metric.type) === 'histogram' ? ['_bucket', '_count', '_sum'] : ['']) {
      all.set(`${metric.name}${suffix}`, suffix === '_bucket' ? [...labelNames, 'le'] : labelNames);
    }
  }
  return all;
}

/** Parses as Prometheus does. @returns problems */
function problemsOf(written: string, metrics: ReadonlyMap<string, readonly string[]>): readonly string[] {
  // Grafana puts lengths of time there.
  const expression = written.replace(/\$__(rate_interval|range)/g, '5m');
  const problems: string[] = [];
  let metric = '';
  parser.parse(expression).iterate({
    enter({ name, type, from, to }) {
      const text = expression.slice(from, to);
      if (type.isError) problems.push(`not PromQL at ${from}: ${expression}`);
      if (name === 'VectorSelector') {
        metric = /^\w+/.exec(text)?.[0] ?? '';
        if (!metrics.has(metric)) problems.push(`no such metric: ${metric}`);
      }
      // Labels that Prometheus adds itself are on every series.
      if (name === 'LabelName' && !['job', 'instance', ...[...metrics.values()].flat()].includes(text)) problems.push(`no such label: ${text}`);
      if (name === 'UnquotedLabelMatcher' || name === 'LabelMatcher') {
        const label = /^\w+/.exec(text)?.[0] ?? '';
        if (!['job', 'instance', ...(metrics.get(metric) ?? [])].includes(label)) problems.push(`${metric} has no label ${label}`);
      }
    },
  });
  return problems;
}

test('alerts ask for metrics that there are, in PromQL, and each has its paragraph in docs/operate.md', async () => {
  const metrics = await known();
  const manual = await fileOf('docs/operate.md');
  const all = await rules();
  expect(all.length).toBeGreaterThan(10);
  for (const { alert, expr, annotations } of all) {
    expect(problemsOf(expr, metrics)).toEqual([]);
    expect(annotations.runbook).toBe(`docs/operate.md#${alert.toLowerCase()}`);
    expect(manual).toContain(`\n### ${alert}\n`);
  }
  expect(problemsOf('sum(tenure_nothing{x="1"})', metrics)).not.toEqual([]);
  expect(problemsOf('tenure_cases_open{target="crm"}', metrics)).toEqual(['tenure_cases_open has no label target']);
});

test('the dashboard does too, and its panels find their data source', async () => {
  const metrics = await known();
  const { panels } = await dashboard();
  const { datasources } = await yamlOf<{ datasources: readonly { uid: string }[] }>('docs/operate/grafana/datasource.yml');
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  for (const { targets = [], datasource, type } of panels) {
    expect(type === 'row' || targets.length > 0).toBe(true);
    if (type !== 'row') expect(datasource?.uid).toBe(datasources[0]?.uid);
    for (const { expr } of targets) expect(problemsOf(expr, metrics)).toEqual([]);
  }
});

test('every metric of ours is explained in docs/operate.md and shown on the dashboard', async () => {
  const manual = await fileOf('docs/operate.md');
  const shown = JSON.stringify(await dashboard());
  const ours = new Set([...(await known()).keys()].filter((name) => name.startsWith('tenure_')).map((name) => name.replace(/_(bucket|count|sum)$/, '')));
  for (const name of ours) {
    expect([name, manual.includes(`\`${name}\``)]).toEqual([name, true]);
    expect([name, shown.includes(name)]).toEqual([name, true]);
  }
});

test('docker-compose.yml loads these files as they lie, only when asked to observe', async () => {
  const { services } = await yamlOf<Services>('docker-compose.yml');
  const mounted = Object.entries(services).flatMap(([service, { volumes = [] }]) =>
    volumes.filter((volume) => volume.startsWith('./docs/')).map((volume) => [service, volume.split(':')[0] ?? ''] as const),
  );
  for (const [service, path] of mounted) {
    expect(services[service]?.profiles).toEqual(['observe']);
    expect(await fileOf(path)).not.toBe('');
  }
  const files = (await readdir(new URL('../docs/operate', import.meta.url))).filter((name) => name !== 'grafana' && !name.endsWith('.test.yml'));
  expect(mounted.map(([, path]) => path).sort()).toEqual(
    [...files.map((name) => `./docs/operate/${name}`), './docs/operate/grafana/dashboards.yml', './docs/operate/grafana/datasource.yml'].sort(),
  );
  const { scrape_configs: jobs } = await yamlOf<{ scrape_configs: readonly { job_name: string }[] }>('docs/operate/prometheus.yml');
  expect(jobs.map(({ job_name: name }) => name)).toEqual(['tenure-api', 'tenure-worker']);
});

test('compose prepares Temporal with the command of the runbook, before a worker starts', async () => {
  const { services } = await yamlOf<Services>('docker-compose.yml');
  expect(services['temporal-prepare']?.command).toEqual(['node', 'dist/tools/temporal-prepare.js']);
  expect(services['worker']?.depends_on?.['temporal-prepare']).toEqual({ condition: 'service_completed_successfully' });
  const { scripts } = JSON.parse(await fileOf('package.json')) as { scripts: Record<string, string> };
  expect(scripts['temporal:prepare']).toMatch(/ dist\/tools\/temporal-prepare\.js$/);
  expect(await fileOf('docs/operate.md')).toContain('npm run temporal:prepare');
});
