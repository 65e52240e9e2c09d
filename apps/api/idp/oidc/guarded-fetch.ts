import { providerFetch } from '@tenure/outbound';

/** Most bytes of the keys of an application. */
const LIMIT = 131_072;

/**
 * Fetches the keys of an application, whose address is in tenure.yaml: bounded, without redirects, by the rules for addresses of the configuration
 * (those of the own network are allowed).
 * @throws ProviderUnreachable
 */
export async function guardedFetch(address: string | URL | Request, options: RequestInit = {}): Promise<Response> {
  const url = address instanceof Request ? address.url : String(address);
  return providerFetch(url, { method: options.method ?? 'GET', headers: Object.fromEntries(new Headers(options.headers)), timeout: 2_500, limit: LIMIT });
}
