import type { Installation } from './installation.ts';

/** Service token with this role. */
export async function tokenOf({ store }: Installation, role: string): Promise<string> {
  const now = new Date().toISOString();
  const context = { actor: { kind: 'system', id: 'bench' }, correlationId: 'bench', now } as const;
  const wanted = { name: role, roles: [role], createdBy: 'bench', expiresAt: '2099-01-01T00:00:00.000Z' };
  return (await store.transaction(context, (tx) => tx.sessions.createServiceToken(wanted, now))).token;
}
