import { type Crm, startCrm, type WriterKills } from './crm.ts';
import { startCompanyDirectory } from './company-directory.ts';
import type { TargetName } from './configuration.ts';
import { groupsOfCrm } from './configuration.ts';
import { type Dialect, plainDialect } from './dialects.ts';
import { startLedger } from './ledger.ts';
import type { Random } from './random.ts';
import { playWeather, type Weather } from './weather.ts';
import type { AccountThere } from './account-there.ts';
import type { Hands } from './hands.ts';

/** Applications that work, each in a way of its own, behind links that fail. */
export interface Targets {
  readonly names: readonly TargetName[];
  readonly dialect: Dialect;
  /** Variables to which tenure.yaml refers. */
  readonly environment: Readonly<Record<string, string>>;
  /** Variables for one worker, so that the sender of each request is known. @param worker from 0 on */
  environmentOf(worker: number): Readonly<Record<string, string>>;
  /** Plays random faults at every target from now on. */
  misbehave(): void;
  behave(): Promise<void>;
  /** Makes the manual changes in the targets, and the targets' own, spread over so many milliseconds. */
  goOn(within: number): Promise<void>;
  /** Kills any worker while it writes a whole group there, where that is part of the dialect. */
  killWriters(kills: WriterKills): void;
  /** Hands of a target's administrator; `null`: the target is not there. */
  hands(target: TargetName): Hands | null;
  /** Moves the directory's entry of this id by hand. */
  moveEntry(id: string): Promise<void>;
  /** Link to the CRM, which can be made unreachable; `seen` has the order of later requests. */
  readonly crm: Pick<Crm, 'play' | 'behave' | 'seen'>;
  /** Number of times that each fault was played. */
  readonly played: ReadonlyMap<string, number>;
  /** Every account in a target, looked up past Tenure and past the dialect. */
  accounts(target: TargetName): Promise<readonly AccountThere[]>;
  /** User names of the accounts that Tenure removed in a target. */
  removed(target: TargetName): Promise<readonly string[]>;
  /** Members of the directory's groups whose entry is nowhere. */
  dangling(): Promise<readonly string[]>;
  /** Number of times that each account was written with an e-mail address, by user name. */
  emailWrites(target: 'crm' | 'ledger'): Promise<ReadonlyMap<string, number>>;
  stop(): Promise<void>;
}

/** @param databaseUrl of a PostgreSQL that is not Tenure's, for the ledger */
export async function startTargets(random: Random, home: string, databaseUrl: string, dialect: Dialect = plainDialect): Promise<Targets> {
  const stops: (() => Promise<void>)[] = [];
  const played = new Map<string, number>();
  const count = (what: string): void => void played.set(what, (played.get(what) ?? 0) + 1);
  const crm = await startCrm(stops, dialect.crm);
  const ledger = await startLedger(stops, databaseUrl, dialect.ledger);
  const directory = await startCompanyDirectory(stops, home);
  const environment = { ...crm.environmentOf(0), ...ledger.environment, ...directory?.environment };
  const weather = new Map<TargetName, Weather>();
  const clear = async (): Promise<void> => {
    await Promise.all([...weather.values()].map((one) => one.clear()));
    weather.clear();
  };
  const does = (habit: Dialect['directory'][number]): boolean => directory !== null && dialect.directory.includes(habit);
  return {
    names: directory === null ? ['crm', 'ledger'] : ['crm', 'ledger', 'directory'],
    dialect,
    environment,
    environmentOf: (worker) => ({ ...environment, ...crm.environmentOf(worker) }),
    crm,
    played,
    misbehave() {
      crm.misbehave(random.stream('crm'), (what) => count(`crm ${what}`));
      const links = { ledger: ledger.link, ...(directory === null ? {} : { directory: directory.link }) };
      for (const [name, link] of Object.entries(links))
        weather.set(
          name as TargetName,
          playWeather(random.stream(name), link, (what) => count(`${name} ${what}`)),
        );
    },
    async behave() {
      crm.behave();
      await clear();
    },
    async goOn(within) {
      const draw = random.stream('by hand');
      const at = (share: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, within * share));
      const renamed = { crm: draw.pick(groupsOfCrm), directory: draw.pick(['staff', 'finance', 'sales']) };
      const unseen = (work: () => Promise<void>): Promise<void> => weather.get('directory')?.whileNobodyLooks(work) ?? work();
      const speak = async (): Promise<void> => {
        const { length } = dialect.crm.speaks;
        for (let next = 1; next < length; next += 1) {
          await at(1 / length);
          crm.speakNext();
        }
      };
      const renameInCrm = async (): Promise<void> => {
        await at(0.4);
        crm.rename(renamed.crm);
      };
      const renameInDirectory = async (): Promise<void> => {
        await at(0.5);
        await unseen(async () => directory?.rename(renamed.directory));
      };
      const refer = async (): Promise<void> => {
        await at(0.1);
        await directory?.refer(true);
        await at(0.25);
        await directory?.refer(false);
      };
      await Promise.all([
        speak(),
        ...(dialect.crm.renames === true ? [renameInCrm()] : []),
        ...(does('renames') ? [renameInDirectory()] : []),
        ...(does('refers') ? [refer()] : []),
      ]);
    },
    killWriters(kills) {
      if (dialect.crm.killsWriters === true) crm.killWriters(random.stream('writers'), kills);
    },
    hands: (target) => (target === 'crm' ? crm.hands : target === 'ledger' ? ledger.hands : (directory?.hands ?? null)),
    moveEntry: async (id) => directory?.move(id),
    accounts: async (target) => (target === 'crm' ? crm : target === 'ledger' || directory === null ? ledger : directory).accounts(),
    removed: async (target) => (target === 'crm' ? crm : target === 'ledger' || directory === null ? ledger : directory).removed(),
    dangling: async () => directory?.dangling() ?? [],
    emailWrites: async (target) => (target === 'crm' ? crm : ledger).emailWrites(),
    async stop() {
      await clear();
      for (const stop of stops.splice(0).reverse()) await stop();
    },
  };
}
