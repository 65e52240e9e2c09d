/** Renamed keys of `retention` in tenure.yaml, from the earlier name to the present one. */
export const RENAMED_RETENTION = { readings: 'observations' } as const;

/** Returns the settings of a stored version with the present keys. The stored ones stay unchanged, since their digest is signed. */
export function withKeysOfToday(document: object): object {
  const { retention } = document as { readonly retention?: unknown };
  if (typeof retention !== 'object' || retention === null || !('readings' in retention)) return document;
  const { readings, ...others } = retention;
  return { ...document, retention: { [RENAMED_RETENTION.readings]: readings, ...others } };
}
