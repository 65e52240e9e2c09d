import { identityWorkflowId } from '@tenure/workflows/messages';
import type { ApiDependencies } from '../../server/dependencies.ts';

export interface WorkflowView {
  readonly id: string;
  readonly url: string | null;
}

/** Link to an identity lifecycle workflow in the Temporal UI. */
export function workflowOf(
  { temporalUiUrl, temporalNamespace = 'default' }: Pick<ApiDependencies, 'temporalUiUrl' | 'temporalNamespace'>,
  identityId: string,
): WorkflowView {
  const id = identityWorkflowId(identityId);
  return {
    id,
    url:
      temporalUiUrl === null
        ? null
        : `${temporalUiUrl.replace(/(?<!\/)\/+$/, '')}/namespaces/${encodeURIComponent(temporalNamespace)}/workflows/${encodeURIComponent(id)}`,
  };
}
