/** Keys of tenure.yaml that were renamed in `retention`: earlier name to that of today. */
export const RENAMED_RETENTION = { readings: 'observations' } as const;

/** The settings of a stored version with the keys of today. Stored ones stay as they are: their digest is signed. */
export function withKeysOfToday(document: object): object {
  const { retention } = document as { readonly retention?: unknown };
  if (typeof retention !== 'object' || retention === null || !('readings' in retention)) return document;
  const { readings, ...others } = retention;
  return { ...document, retention: { [RENAMED_RETENTION.readings]: readings, ...others } };
}
