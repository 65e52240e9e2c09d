import { relative } from 'node:path';
// biome-ignore lint/correctness/noUndeclaredDependencies: Jest brings it, and wants just this one extended
import Sequencer from '@jest/test-sequencer';

/**
 * Seconds that test files take which start whole installations, kill and restart them: they keep a core or two busy by themselves, so that they
 * should not run together. A file that is missing here counts as an ordinary one; the figures need not be right.
 */
export const installations = {
  'simulations/faults/faults.integration.test.ts': 170,
  'demo/demo.integration.test.ts': 140,
  'simulations/faults/batches.integration.test.ts': 90,
  'tools/start.integration.test.ts': 24,
  'tools/documented-example.integration.test.ts': 13,
};

/** Seconds that other files take, where it is much more than the usual. */
export const long = {
  'apps/worker/test/lost-temporal.integration.test.ts': 66,
  'apps/worker/test/wave.integration.test.ts': 40,
  'tools/lost-temporal-store.integration.test.ts': 37,
  'tools/tools.integration.test.ts': 35,
  'simulations/calendar/calendar.integration.test.ts': 35,
  'tools/policy/policy.integration.test.ts': 25,
  'tools/policy/configuration.integration.test.ts': 26,
  'tools/temporal-tls.integration.test.ts': 25,
  'apps/worker/test/connections.integration.test.ts': 24,
  'tools/embedded/temporal-wheel.integration.test.ts': 24,
  'apps/worker/test/life.integration.test.ts': 20,
  'apps/worker/test/urgent-ends.integration.test.ts': 20,
  'libs/connectors/scim/scim-connector.integration.test.ts': 20,
  'libs/connectors/sql/sql-connector.integration.test.ts': 19,
  'libs/connectors/ldap/ldap-connector.integration.test.ts': 19,
  'apps/worker/test/inbox.integration.test.ts': 18,
  'apps/worker/test/batches.integration.test.ts': 25,
  'apps/worker/test/continue-as-new.integration.test.ts': 20,
  'apps/worker/test/request.integration.test.ts': 18,
  'apps/api/test/batches.integration.test.ts': 17,
  'apps/api/test/attacks/previews.integration.test.ts': 16,
  'tools/embedded/temporal-server.integration.test.ts': 16,
  'apps/api/test/attacks/planted-marker.integration.test.ts': 15,
  'apps/api/test/approvals-without-temporal.integration.test.ts': 13,
  'workflows/replay.test.ts': 12,
  'apps/worker/test/group-lease.integration.test.ts': 11,
  'apps/worker/test/observed.integration.test.ts': 11,
  'apps/api/test/attacks/bounded-time.integration.test.ts': 11,
  'apps/api/test/attacks/openid-connect.integration.test.ts': 11,
  'tools/observed.integration.test.ts': 10,
  'libs/federation/saml/second-opinion.test.ts': 10,
  'libs/domain/lifecycle/histories.test.ts': 9,
};

/**
 * Jest's order of test files: one after the other the installations, and beside them everything else, the longest first, so that no core is
 * idle at the end because of a single long file.
 */
// biome-ignore lint/style/noDefaultExport: that is what Jest asks a sequencer for
export default class LongestFirst extends Sequencer {
  #root;
  #besides;

  constructor(options) {
    super(options);
    this.#root = options.globalConfig.rootDir;
    // Workers that take everything else.
    this.#besides = Math.max((options.globalConfig.maxWorkers ?? 2) - 1, 1);
  }

  sort(tests) {
    const timed = tests.map((test) => {
      const name = relative(this.#root, test.path).replaceAll('\\', '/');
      const isInstallation = name in installations;
      return { test, isInstallation, seconds: installations[name] ?? long[name] ?? (name.includes('.integration.') ? 5 : 0.5) };
    });
    timed.sort((one, other) => other.seconds - one.seconds || (one.test.path < other.test.path ? -1 : 1));
    const [alone, others] = [timed.filter((one) => one.isInstallation), timed.filter((one) => !one.isInstallation)];
    const order = [];
    // As workers that work side by side would come by them: one takes the installations.
    for (let [behind, beside] = [0, 0]; alone.length + others.length > 0; ) {
      const isAlone = alone.length > 0 && (others.length === 0 || behind <= beside / this.#besides);
      const { test, seconds } = (isAlone ? alone : others).shift();
      if (isAlone) behind += seconds;
      else beside += seconds;
      order.push(test);
    }
    return order;
  }
}
