import { ConnectorRefused } from '@tenure/domain';
import { type Client, OrFilter, type ResultCodeError } from 'ldapts';
import { type Failures, ofTarget } from '../failures.ts';
import { replace } from './account-state.ts';
import { equals, searchAll } from './entries.ts';
import { isRefusal, isResult, resultCode } from './failures.ts';
import { isSameDn } from './names.ts';
import { wholeDirectory } from './naming-contexts.ts';
import { namedAttribute, refusedAttribute, saysTaken } from './refused-attribute.ts';
import type { LdapSettings } from './settings.ts';

/** Attributes with their values; none: the attribute is removed. */
export type EntryValues = Readonly<Record<string, readonly string[]>>;

/** Writer of entries: a refused attribute does not prevent the others. */
export interface EntryWriter {
  /**
   * Adds an entry. If the directory refuses it, it is added with `needed` alone, and then gets those of `others` that the directory accepts;
   * reading back shows the missing ones, and writing them again reports the reason.
   * @throws ConnectorRefused when it is refused even with `needed` alone
   */
  add(client: Client, dn: string, needed: EntryValues, others: EntryValues): Promise<void>;
  /**
   * Replaces the values of attributes: together, or one after the other if the directory refuses them together.
   * @throws ConnectorRefused with the first refused one as `details.attribute`, after the others are written
   */
  replace(client: Client, dn: string, attributes: EntryValues): Promise<void>;
}

/** Attributes that an inetOrgPerson must have: a refusal may name them though they were not sent. */
const demanded = ['cn', 'sn'];

/** Creates a writer. @param settingOf returns the setting that maps an attribute, for errors */
export function entryWriterOf(settings: LdapSettings, settingOf: (attribute: string) => string, failures: Failures): EntryWriter {
  const hasNoPlace = (error: unknown): boolean => isResult(error, resultCode.entryAlreadyExists, resultCode.noSuchObject);

  async function write(client: Client, dn: string, name: string, values: readonly string[]): Promise<void> {
    await client.modify(dn, replace(name, values)).catch(async (error: unknown) => {
      if (!isRefusal(error) || isResult(error, resultCode.noSuchObject)) throw error;
      throw refusedAttribute(failures, error, { name, setting: settingOf(name), isTaken: await isTaken(client, error, dn, name, values) });
    });
  }

  /** True if another entry has the value: by the directory's message, or by a search, since the message need not state it. */
  async function isTaken(client: Client, error: ResultCodeError, dn: string, name: string, values: readonly string[]): Promise<boolean> {
    if (error.code !== resultCode.constraintViolation) return false;
    if (saysTaken(error) || values.length === 0) return saysTaken(error);
    const filter = new OrFilter({ filters: values.map((value) => equals(name, value)) });
    const { entries } = await searchAll(client, await wholeDirectory(client, settings), { filter, attributes: ['1.1'], atMost: 2 });
    return entries.some((entry) => !isSameDn(entry.dn, dn));
  }

  async function writeAll(client: Client, dn: string, attributes: EntryValues): Promise<void> {
    const entries = Object.entries(attributes);
    const [only, ...more] = entries;
    if (only === undefined) return;
    if (more.length === 0) return write(client, dn, ...only);
    try {
      await client.modify(
        dn,
        entries.map(([name, values]) => replace(name, values)),
      );
    } catch (error) {
      if (!isRefusal(error) || isResult(error, resultCode.noSuchObject)) throw error;
      let first: unknown = null;
      for (const each of entries) {
        await write(client, dn, ...each).catch((refused: unknown) => {
          if (!(refused instanceof ConnectorRefused)) throw refused;
          first ??= refused;
        });
      }
      if (first !== null) throw first;
    }
  }

  async function addWhole(client: Client, dn: string, attributes: EntryValues): Promise<void> {
    const filled = Object.entries(attributes).filter(([, values]) => values.length > 0);
    await client.add(dn, Object.fromEntries(filled.map(([name, values]) => [name, [...values]]))).catch((error: unknown) => {
      if (!isRefusal(error) || hasNoPlace(error)) throw error;
      if (error.code === resultCode.namingViolation) throw misnamed(error);
      const sent = filled.map(([each]) => each).filter((each) => each !== 'objectClass');
      const name = namedAttribute(error, [...new Set([...sent, ...demanded])]);
      throw refusedAttribute(failures, error, { name, setting: settingOf(name ?? ''), isTaken: saysTaken(error) });
    });
  }

  function misnamed(error: ResultCodeError): ConnectorRefused {
    const { idAttribute } = settings;
    const details = { resultCode: String(error.code), attribute: idAttribute, ...ofTarget };
    const remedy = `choose another attribute in targets.${failures.target}.idAttribute`;
    return failures.refused(`it does not take accounts that are named by ${idAttribute} (result code ${error.code}): ${remedy}`, details, { cause: error });
  }

  return {
    replace: writeAll,
    async add(client, dn, needed, others) {
      try {
        await addWhole(client, dn, { ...others, ...needed });
      } catch (error) {
        if (!(error instanceof ConnectorRefused) || Object.keys(others).length === 0) throw error;
        await addWhole(client, dn, needed);
        await writeAll(client, dn, others).catch((refused: unknown) => {
          if (!(refused instanceof ConnectorRefused)) throw refused;
        });
      }
    },
  };
}
