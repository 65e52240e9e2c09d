import { randomUUID } from 'node:crypto';
import { type ActContext, createVault, openStore, type Store } from '@tenure/store';

/**
 * Opens the database of an installation for a command-line tool.
 * @param environment with DATABASE_URL, TENURE_MASTER_KEY and TENURE_AUDIT_KEY
 * @param tool its name, for the audit
 */
export async function openInstallation(environment: NodeJS.ProcessEnv, tool: string): Promise<{ store: Store; context: ActContext; close(): Promise<void> }> {
  const vault = createVault({ master: key(environment, 'TENURE_MASTER_KEY'), audit: key(environment, 'TENURE_AUDIT_KEY') });
  const store = await openStore({ url: environment['DATABASE_URL'] ?? '', vault, poolSize: 3 });
  const context: ActContext = { actor: { kind: 'service', id: `npm run ${tool}` }, correlationId: randomUUID(), now: new Date().toISOString() };
  return { store, context, close: () => store.close() };
}

function key(environment: NodeJS.ProcessEnv, name: string): Buffer {
  const bytes = Buffer.from(environment[name] ?? '', 'base64');
  if (bytes.length !== 32) throw new Error(`${name} has to be 32 bytes in base64: openssl rand -base64 32 makes one.`);
  return bytes;
}
