/** Client of Tenure's GraphQL. */
export interface GraphqlClient {
  /** @throws GraphqlRefused when the answer carries errors */
  ask<T>(query: string, variables?: Readonly<Record<string, unknown>>): Promise<T>;
}

/** Error for a request that Tenure refused. */
export class GraphqlRefused extends Error {
  /** The stable code, such as UNAUTHENTICATED. */
  readonly code: string;
  constructor(message: string, code: string) {
    super(`GraphQL: ${message} (${code})`);
    this.code = code;
  }
}

interface Answer<T> {
  readonly data?: T | null;
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[];
}

/** @param url of Tenure, without a path */
export function createGraphqlClient({ url, token }: { readonly url: string; readonly token: string }): GraphqlClient {
  return {
    async ask<T>(query: string, variables: Readonly<Record<string, unknown>> = {}): Promise<T> {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ query, variables }),
        signal: AbortSignal.timeout(15_000),
      });
      const { data, errors = [] } = (await response.json()) as Answer<T>;
      const [first] = errors;
      if (first !== undefined) throw new GraphqlRefused(first.message, first.extensions?.code ?? 'none');
      if (data === undefined || data === null) throw new GraphqlRefused(`no data, HTTP ${response.status}`, 'none');
      return data;
    },
  };
}
