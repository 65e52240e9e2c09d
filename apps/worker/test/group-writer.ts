import { once } from 'node:events';
import { createConnector } from '@tenure/connectors';
import { createVault, openStore } from '@tenure/store';
import { createGroupLease } from '../group-lease.ts';

/** Changes that one worker of the test makes to a group, all at once. */
export interface GroupWork {
  readonly database: string;
  readonly keys: { readonly TENURE_MASTER_KEY: string; readonly TENURE_AUDIT_KEY: string };
  readonly url: string;
  readonly token: string;
  readonly leaseTime: number;
  readonly add: readonly string[];
  readonly remove: readonly string[];
}

/**
 * Writes memberships of the group "Crew" as a worker would, and tries again as Temporal would.
 * @param begin waited for before the first of them
 */
export async function writeGroup(
  { database, keys, url, token, leaseTime, add, remove }: GroupWork,
  begin: () => Promise<void> = async () => undefined,
): Promise<void> {
  const vault = createVault({ master: Buffer.from(keys.TENURE_MASTER_KEY, 'base64'), audit: Buffer.from(keys.TENURE_AUDIT_KEY, 'base64') });
  const store = await openStore({ url: database, vault, poolSize: 3 });
  const clock = (): string => new Date().toISOString();
  // Each membership by a connector of its own, so that only the lease keeps them apart.
  const connectors = [...add, ...remove].map(() => {
    const lease = createGroupLease({ store, target: 'crm', clock, logger: { warn: () => undefined }, leaseTime });
    return createConnector({ name: 'crm', kind: 'scim', url, token, timeout: 20_000, concurrency: 5, attributes: {} }, lease);
  });
  const again = async (work: () => Promise<unknown>, tries = 5): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if (tries === 0 || !(error as { retryable?: boolean }).retryable) throw error;
      await again(work, tries - 1);
    }
  };
  try {
    await begin();
    await Promise.all(
      connectors.map((connector, index) => {
        const nativeId = [...add, ...remove][index] ?? '';
        const ref = { nativeId, userName: '' };
        return again(() => (add.includes(nativeId) ? connector.addMember('Crew', ref) : connector.removeMember('Crew', ref)));
      }),
    );
  } finally {
    await Promise.all(connectors.map((connector) => connector.close()));
    await store.close();
  }
}

/** Reports that it is ready, and begins on a line from standard input. */
async function whenTold(): Promise<void> {
  process.stdout.write('ready\n');
  await once(process.stdin, 'data');
  process.stdin.destroy();
}

const [work] = process.argv.slice(2);
if (import.meta.main && work !== undefined) await writeGroup(JSON.parse(work) as GroupWork, whenTold);
