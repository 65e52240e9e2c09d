import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, type WorkflowBundleWithSourceMap } from '@temporalio/worker';

/**
 * Bundles the workflows for Temporal's sandbox; some seconds. Fails when a workflow imports a module that does not belong there, such as node:crypto.
 * @param warn called with warnings of the bundler; its progress is left out
 */
export function bundleWorkflows(warn: (message: string) => void): Promise<WorkflowBundleWithSourceMap> {
  const ignore = (): void => undefined;
  return bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('../../workflows/index.ts', import.meta.url)),
    logger: { log: ignore, trace: ignore, debug: ignore, info: ignore, warn, error: warn },
  });
}
