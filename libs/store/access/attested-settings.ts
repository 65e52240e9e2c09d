import type { Vault } from '../audit/vault.ts';

/** tenure.yaml as written, with unresolved references to the environment. */
export interface StoredSettings {
  readonly document: object;
  /** SHA-256 of the document. */
  readonly digest: string;
}

/** Columns of stored settings, with a keyed hash: somebody who can only write to the database cannot make processes use other settings. */
export interface SettingsColumns {
  readonly settings: object | null;
  readonly settingsDigest: string | null;
  readonly settingsMac: string | null;
}

export const noSettings: SettingsColumns = { settings: null, settingsDigest: null, settingsMac: null };

/**
 * Authenticates settings under the audit key, since they name the addresses that secrets are sent to.
 * @param of name of the row: the hash is valid for this row only, so older settings cannot be replayed
 */
export function attested(vault: Pick<Vault, 'attest'>, { document, digest }: StoredSettings, of: string): SettingsColumns {
  return { settings: document, settingsDigest: digest, settingsMac: macOf(vault, document, digest, of) };
}

/** Verifies stored settings. @returns `null` when none are stored @throws Error when they were not written by Tenure */
export function believed(vault: Pick<Vault, 'attest'>, { settings, settingsDigest, settingsMac }: SettingsColumns, of: string): StoredSettings | null {
  if (settings === null || settingsDigest === null) return null;
  if (settingsMac !== macOf(vault, settings, settingsDigest, of)) throw new Error(`the settings of ${of} were not stored by Tenure, or were changed since`);
  return { document: settings, digest: settingsDigest };
}

function macOf(vault: Pick<Vault, 'attest'>, document: object, digest: string, of: string): string {
  return vault.attest('configuration', `${of}\n${digest}\n${JSON.stringify(document)}`);
}
