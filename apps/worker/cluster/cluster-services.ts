/** Calls to Temporal by which a cluster is read and prepared. Both clients of Temporal's SDK have them. */
export interface ClusterServices {
  readonly workflowService: {
    getSystemInfo(request: object): Promise<{ readonly serverVersion?: string | null }>;
    describeNamespace(request: object): Promise<DescribedNamespace>;
    registerNamespace(request: object): Promise<unknown>;
    updateNamespace(request: object): Promise<unknown>;
    countWorkflowExecutions(request: object): Promise<unknown>;
  };
  readonly operatorService: {
    listSearchAttributes(request: object): Promise<{ readonly customAttributes?: Readonly<Record<string, number>> | null }>;
    addSearchAttributes(request: object): Promise<unknown>;
  };
}

export interface DescribedNamespace {
  readonly config?: {
    readonly workflowExecutionRetentionTtl?: { readonly seconds?: { toString(): string } | null } | null;
    /** Field of the store (`Keyword05`) to the name of the search attribute that is kept in it. */
    readonly customSearchAttributeAliases?: Readonly<Record<string, string>> | null;
  } | null;
}

/** Codes of gRPC that have an answer. */
export const grpc = { invalidArgument: 3, notFound: 5, alreadyExists: 6, permissionDenied: 7, unimplemented: 12, unauthenticated: 16 } as const;

/** `null`: the error is none of gRPC. */
export function grpcCode(error: unknown): number | null {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  return typeof code === 'number' ? code : null;
}

/**
 * True if this process may not read or do that: it lacks the right, or the server does not offer the call, as Temporal Cloud does with operators'
 * calls.
 */
export function isRefused(error: unknown): boolean {
  const code = grpcCode(error);
  return code === grpc.permissionDenied || code === grpc.unauthenticated || code === grpc.unimplemented;
}

/** The server's own words. */
export function grpcText(error: unknown): string {
  const { details, message } = (error ?? {}) as { readonly details?: unknown; readonly message?: unknown };
  const text = typeof details === 'string' && details !== '' ? details : message;
  return String(typeof text === 'string' ? text : error).replace(/\.$/, '');
}
