import type { Vault } from '../audit/vault.ts';

/** tenure.yaml as it is written, references to the environment closed. */
export interface StoredSettings {
  readonly document: object;
  /** SHA-256. */
  readonly digest: string;
}

/** What a row keeps of it: with a keyed hash, so that who can only write to the database cannot have processes take another one over. */
export interface SettingsColumns {
  readonly settings: object | null;
  readonly settingsDigest: string | null;
  readonly settingsMac: string | null;
}

export const noSettings: SettingsColumns = { settings: null, settingsDigest: null, settingsMac: null };

/**
 * They name addresses that secrets are sent to: whoever chose them had the audit key.
 * @param of the row: those of an older one count for no other
 */
export function attested(vault: Pick<Vault, 'attest'>, { document, digest }: StoredSettings, of: string): SettingsColumns {
  return { settings: document, settingsDigest: digest, settingsMac: macOf(vault, document, digest, of) };
}

/** @returns `null` where none are kept @throws Error when somebody else than Tenure has written them */
export function believed(vault: Pick<Vault, 'attest'>, { settings, settingsDigest, settingsMac }: SettingsColumns, of: string): StoredSettings | null {
  if (settings === null || settingsDigest === null) return null;
  if (settingsMac !== macOf(vault, settings, settingsDigest, of)) throw new Error(`the settings of ${of} were not stored by Tenure, or were changed since`);
  return { document: settings, digest: settingsDigest };
}

function macOf(vault: Pick<Vault, 'attest'>, document: object, digest: string, of: string): string {
  return vault.attest('configuration', `${of}\n${digest}\n${JSON.stringify(document)}`);
}
