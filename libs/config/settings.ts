import { createHash } from 'node:crypto';

/** tenure.yaml as stored with a configuration version: with unresolved references to the environment, so without secrets, and without comments. */
export interface Settings {
  readonly document: object;
  /** SHA-256 of the document, independent of the order of its keys: the same settings in another layout are not a new version. */
  readonly digest: string;
}

/** @param document parsed tenure.yaml, before its references are filled in */
export function settingsFrom(document: unknown): Settings {
  return {
    document: (document ?? {}) as object,
    digest: createHash('sha256')
      .update(JSON.stringify(inOrder(document)) ?? '')
      .digest('hex'),
  };
}

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, inOrder(item)]),
  );
}
