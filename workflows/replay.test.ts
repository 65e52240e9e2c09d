import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { temporal } from '@temporalio/proto';
import { Runtime, Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { bundleWorkflows } from '../apps/worker/bundle-workflows.ts';

const directory = join(import.meta.dirname, 'histories');
const histories = readdirSync(directory).filter((name) => name.endsWith('.json'));
const quiet = { log: none, trace: none, debug: none, info: none, warn: none, error: none };
let workflowBundle: WorkflowBundleWithSourceMap;

beforeAll(async () => {
  Runtime.install({ shutdownSignals: [], logger: quiet });
  workflowBundle = await bundleWorkflows(none);
});
afterAll(() => Runtime.instance().shutdown());

/** Lives that began under an earlier version have to go on under this one. Histories are only ever added: see life.integration.test.ts. */
describe("replay of recorded lives against today's code", () => {
  it('has lives to replay', () => expect(histories.length).toBeGreaterThan(2));

  it.each(histories)('%s', async (name) => {
    const history = read(name);
    await expect(Worker.runReplayHistory({ workflowBundle }, history)).resolves.toBeUndefined();
  });

  it("notices a history that today's code would not have made", async () => {
    const history = read(histories[0] ?? '');
    const first = history.events?.find((event) => event.activityTaskScheduledEventAttributes);
    if (first?.activityTaskScheduledEventAttributes) first.activityTaskScheduledEventAttributes.activityType = { name: 'somethingElse' };
    await expect(Worker.runReplayHistory({ workflowBundle }, history)).rejects.toThrow(/[Nn]ondeterminism/);
  });
});

function read(name: string): temporal.api.history.v1.History {
  return temporal.api.history.v1.History.fromObject(JSON.parse(readFileSync(join(directory, name), 'utf8')) as object);
}

function none(): void {
  // Nothing to say.
}
