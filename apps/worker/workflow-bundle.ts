import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { WorkflowBundleOption } from '@temporalio/worker';
import { bundleWorkflows } from './bundle-workflows.ts';

const built = fileURLToPath(new URL('../../workflows/bundle.js', import.meta.url));

/**
 * Workflows as Temporal's sandbox runs them: the bundle that lies beside built code. The sources have none: it is made.
 * @param warn called with warnings of the bundler
 */
export async function workflowBundle(warn: (message: string) => void): Promise<WorkflowBundleOption> {
  return existsSync(built) ? { codePath: built } : bundleWorkflows(warn);
}
