import type { EventEmitter } from 'node:events';
import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { Logger } from 'pino';
import type { Requests } from './provider-dependencies.ts';

/** Events of the library for requests that it has refused. */
const REFUSALS = [
  ...['authorization.error', 'end_session.error', 'grant.error', 'introspection.error', 'jwks.error', 'discovery.error'],
  ...['pushed_authorization_request.error', 'revocation.error', 'userinfo.error'],
] as const;

/** Logs refused requests with the library's reason, which the application is not told, and failures. */
export function logRefusals(provider: Provider, requests: Requests, logger: Logger): void {
  const fields = (ctx: KoaContextWithOIDC) => ({ reference: requests.get(ctx.req)?.id, route: ctx.oidc?.route, client: ctx.oidc?.client?.clientId ?? null });
  for (const event of REFUSALS)
    (provider as EventEmitter).on(event, (ctx: KoaContextWithOIDC, error: Error & { error_description?: string; error_detail?: string }) =>
      logger.info({ ...fields(ctx), error: error.message, reason: error.error_detail ?? error.error_description ?? null }, 'an OpenID request was refused'),
    );
  provider.on('server_error', (ctx, err) => logger.error({ ...fields(ctx), err }, 'an OpenID request failed'));
}
