import type { ProviderSettings } from '@tenure/config';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ReadSession } from '../access/session-of-request.ts';
import { sendPage } from '../pages/me/routes.ts';
import type { ApiDependencies } from '../server/dependencies.ts';
import { chooseProviderPage } from './choose-provider-page.ts';
import { homeRealm } from './home-realm.ts';
import { lastProvider } from './last-provider.ts';
import { localPath } from './local-path.ts';

/** Demands of an application that the provider has to meet, handed on as they came; longer ones are left out. */
const handedOn = { application: 100, force: 5, acr: 1000, passive: 5, hint: 320 } as const;

type LoginRequest = FastifyRequest<{ Querystring: Readonly<Record<string, unknown>> }>;

/**
 * Registers `/login`, which sends a person to their identity provider, or lets them choose it. `returnTo`: place of ours to go to afterwards;
 * `application`: the application that sends them; `force`: a new authentication is needed; `acr`: demanded contexts; `passive`: no page may be shown;
 * `hint`: their address; `choose`: they want to choose.
 * @param rateLimit requests of one address in a minute
 */
export function registerHomeRealmRoutes(
  fastify: FastifyInstance,
  { configuration }: Pick<ApiDependencies, 'configuration'>,
  { readSession, rateLimit: max }: { readonly readSession: ReadSession; readonly rateLimit: number },
): void {
  const { identityProviders, applications, url } = configuration;
  const config = { rateLimit: { max, timeWindow: '1 minute' } };
  fastify.get('/login', { config }, async (request: LoginRequest, reply) => {
    void reply.header('cache-control', 'no-store');
    const { returnTo: back, demands, isChosenAnew } = readQuery(request);
    const isNew = demands.has('force') || demands.has('acr') || isChosenAnew;
    // Back from a login in another tab, or by the back button: there is nothing to do.
    if (!isNew && (await readSession(request)) !== null) return reply.redirect(back, 303);
    const name = demands.get('application') ?? '';
    const application = Object.hasOwn(applications, name) ? (applications[name] ?? null) : null;
    const providers = Object.values(identityProviders);
    const lastUsed = lastProvider(request, url);
    const choices = isChosenAnew ? providers : homeRealm({ providers, hint: demands.get('hint') ?? null, application, lastUsed });
    const addressOf = ({ protocol, name: provider }: ProviderSettings): string =>
      `/${protocol}/${encodeURIComponent(provider)}/login?${new URLSearchParams([['returnTo', back], ...demands])}`;
    const [only, ...others] = choices;
    if (only !== undefined && others.length === 0 && !isChosenAnew) return reply.redirect(addressOf(only), 303);
    // Nobody may be asked: whoever sent them sees that there is no session, and answers that.
    if (demands.has('passive')) return reply.redirect(back, 303);
    const all = choices.map((provider) => ({ provider, address: addressOf(provider) }));
    return sendPage(reply, 200, chooseProviderPage(all, application));
  });
}

/** Parameters of the request; what came twice, or has another form, is left out. */
function readQuery({ query }: LoginRequest) {
  const demands = new Map<string, string>();
  for (const [name, most] of Object.entries(handedOn)) {
    const value = query[name];
    if (typeof value !== 'string' || value === '' || value.length > most) continue;
    if ((name === 'force' || name === 'passive') && value !== 'true') continue;
    demands.set(name, value);
  }
  const returnTo = localPath(query['returnTo']) ?? '/me';
  // A place that leads back here would go round in circles.
  return { returnTo: /^\/login([?#/]|$)/.test(returnTo) ? '/me' : returnTo, demands, isChosenAnew: query['choose'] === 'true' };
}
