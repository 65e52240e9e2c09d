import { openInstallation } from './open-installation.ts';
import { createToken } from './service-token.ts';

/** While nobody can administer this installation, makes a token for the first one to do so. It is shown once. */
export async function offerFirstAdministrator({ url, environment }: { readonly url: string; readonly environment: NodeJS.ProcessEnv }): Promise<string> {
  const { store, context, close } = await openInstallation(environment, 'start');
  try {
    return await store.transaction(context, async (tx) => {
      const tokens = await tx.sessions.serviceTokens();
      const holders = await tx.identities.count({ withGrant: 'tenure.admin' });
      const isHeld = tokens.some(({ roles, expiresAt, revokedAt }) => roles.includes('admin') && revokedAt === null && expiresAt > context.now);
      if (holders > 0 || isHeld) return 'An administrator is known. A further token: npm run token -- --role admin --name <whose>';
      const { token } = await createToken(tx, { name: 'first administrator', roles: ['admin'], days: 1 });
      return `Nobody administers this installation yet. This token does, for 24 hours, and is shown only now:

  ${token}

  curl ${url}/graphql -H 'authorization: Bearer ${token}' -H 'content-type: application/json' \\
    -d '{"query":"{ identities(first: 10) { totalCount } }"}'

To make people administrators, give them the entitlement tenure.admin by a rule in policy/. The first of them logs in by a one-time link:
npm run login-link -- --user <user name> --provider <name in tenure.yaml> --reason "First administrator"`;
    });
  } finally {
    await close();
  }
}
