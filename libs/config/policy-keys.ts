import type { Path } from './yaml-file.ts';

/** Renamed keys of an entry: from the written key to the one of stored versions; for a map in it, its own keys. */
interface Keys {
  readonly [written: string]: string | Keys;
}

/**
 * Renamed keys, by section of the policy. A stored version keeps the earlier names: its document, and the digest that is signed and compared, are
 * those from before the rename, so that a policy with the new keys is no new version.
 */
export const POLICY_KEYS = {
  lifecycle: { withholdAccess: 'hold', extension: { askBefore: 'ask', maximumTotal: 'inAll' }, end: { observeAgainAfter: 'lookAgain' } },
  breakGlass: { maximumDuration: 'longest', notify: 'tell' },
  requestable: { maximumDuration: 'longest', remindBefore: 'remind', stages: { onTimeout: 'otherwise' } },
} as const satisfies Keys;

/** Returns the sections of a policy file with the keys of a stored version. @param value value that conforms to the schema */
export function asStored(value: unknown): unknown {
  return renamed(value, POLICY_KEYS);
}

/** Returns the document of a stored version with the keys of a policy file, for people and clients. */
export function documentAsWritten(document: object): unknown {
  return renamed(document, inverse(POLICY_KEYS));
}

/** Converts a path in a stored version to the path in the file. */
export function asWritten(path: Path): Path {
  let keys: Keys = POLICY_KEYS;
  return path.map((step) => {
    if (typeof step === 'number') return step;
    const [written, inner] = Object.entries(keys).find(([name, stored]) => (typeof stored === 'string' ? stored : name) === step) ?? [step, {}];
    keys = typeof inner === 'string' ? {} : inner;
    return written;
  });
}

/** Earlier names with the present ones, for `x-renamed` of a schema. */
export function earlierNames(keys: Keys): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(keys).flatMap(([written, stored]) => (typeof stored === 'string' ? [[stored, written]] : [])));
}

function inverse(keys: Keys): Keys {
  return Object.fromEntries(Object.entries(keys).map(([written, stored]) => (typeof stored === 'string' ? [stored, written] : [written, inverse(stored)])));
}

function renamed(value: unknown, keys: Keys): unknown {
  if (Array.isArray(value)) return value.map((item) => renamed(item, keys));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => {
      const known = Object.hasOwn(keys, name) ? keys[name] : undefined;
      return typeof known === 'string' ? [known, inner] : [name, known === undefined ? inner : renamed(inner, known)];
    }),
  );
}
