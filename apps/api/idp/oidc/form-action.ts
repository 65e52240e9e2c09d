import type { Provider } from 'oidc-provider';

const HEADER = 'content-security-policy';

/** Content security policy of a page whose form also leads to the site of this address. */
export function letFormLeadTo(policy: string, address: string): string {
  return policy.replace("form-action 'self'", `form-action 'self' ${new URL(address).origin}`);
}

/** Lets the page that posts a code to an application do so (OAuth 2.0 Form Post Response Mode); its address was compared with the registered ones. */
export function allowFormPost(provider: Provider): void {
  provider.use(async (ctx, next) => {
    await next();
    const { params, client } = ctx.oidc ?? {};
    const address = params?.['redirect_uri'];
    if (params?.['response_mode'] !== 'form_post' || ctx.type !== 'text/html' || typeof address !== 'string' || !client?.redirectUriAllowed(address)) return;
    ctx.set(HEADER, letFormLeadTo(ctx.response.get(HEADER), address));
  });
}
