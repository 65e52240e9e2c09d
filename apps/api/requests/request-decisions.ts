import { Client, type Connection, isGrpcServiceError, WithStartWorkflowOperation, WorkflowUpdateFailedError } from '@temporalio/client';
import { isRequestRefusal, RequestRefused } from '@tenure/domain';
import { accessRequestType, decideUpdate, requestStart } from '@tenure/workflows/messages';

/** An answer that is written down, by ids. */
export interface WrittenAnswer {
  readonly answerId: string;
  readonly requestId: string;
  readonly identityId: string;
  readonly correlationId: string;
}

/** All that the API may ask of Temporal: that one answer be counted. */
export interface RequestDecisions {
  /** @throws RequestRefused with the code by which the answer was not taken, REQUESTS_UNAVAILABLE when nobody said in time */
  decide(answer: WrittenAnswer): Promise<void>;
  close(): Promise<void>;
}

/** Milliseconds that a person waits for the answer to their answer. */
const patience = 15_000;

/** @param connection need not be open yet; it is closed with what is returned */
export function connectDecisions({ connection, namespace }: { readonly connection: Connection; readonly namespace: string }): RequestDecisions {
  const client = new Client({ connection, namespace });
  return {
    async decide({ answerId, ...request }) {
      // The workflow may not have begun yet, or its data may be lost: then the answer begins it.
      const begin = new WithStartWorkflowOperation(accessRequestType, { ...requestStart(request), workflowIdConflictPolicy: 'USE_EXISTING' });
      try {
        await connection.withDeadline(Date.now() + patience, () =>
          client.workflow.executeUpdateWithStart(decideUpdate, {
            updateId: answerId,
            args: [{ answerId, correlationId: request.correlationId }],
            startWorkflowOperation: begin,
          }),
        );
      } catch (error) {
        throw refusal(error, answerId);
      }
    },
    close: () => connection.close(),
  };
}

function refusal(error: unknown, answerId: string): unknown {
  const code = error instanceof WorkflowUpdateFailedError && error.cause !== undefined && 'type' in error.cause ? error.cause.type : null;
  if (isRequestRefusal(code)) return new RequestRefused(code);
  const isSilent = isGrpcServiceError(error) || (error instanceof Error && /RPCTimeout|Timeout|ServiceError/.test(error.name));
  return isSilent ? new RequestRefused('REQUESTS_UNAVAILABLE', { answerId }, { cause: error }) : error;
}
