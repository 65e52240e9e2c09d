import { createEngine } from '@tenure/engine/decide';
import { loadConfiguration } from '@tenure/config';
import { createVault, openStore } from '@tenure/store';
import { pino } from 'pino';
import { startNotifier } from '../notifier.ts';

/** The part of a worker that delivers notifications, as a process of its own that can be killed. */
export interface TellerWork {
  readonly database: string;
  readonly keys: { readonly TENURE_MASTER_KEY: string; readonly TENURE_AUDIT_KEY: string };
  /** Folder of tenure.yaml. */
  readonly configuration: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Milliseconds by which its clock is ahead. */
  readonly ahead: number;
}

async function tell({ database, keys, configuration: directory, environment, ahead }: TellerWork): Promise<void> {
  const vault = createVault({ master: Buffer.from(keys.TENURE_MASTER_KEY, 'base64'), audit: Buffer.from(keys.TENURE_AUDIT_KEY, 'base64') });
  const store = await openStore({ url: database, vault, poolSize: 5 });
  const engine = createEngine({ configuration: await loadConfiguration({ directory, environment }) });
  const metrics = { notice: () => undefined, timerFired: () => undefined };
  const clock = (): string => new Date(Date.now() + ahead).toISOString();
  const notices = startNotifier({ store, engine, clock, logger: pino({ level: 'silent' }), metrics });
  const stop = async (): Promise<void> => {
    await notices.stop();
    await store.close();
    process.exit(0);
  };
  process.once('SIGTERM', () => void stop());
  // No parent is left that could stop it.
  process.stdin.on('end', () => process.exit(1)).resume();
}

const [work] = process.argv.slice(2);
if (import.meta.main && work !== undefined) await tell(JSON.parse(work) as TellerWork);
