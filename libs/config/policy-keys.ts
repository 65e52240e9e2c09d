import type { Path } from './yaml-file.ts';

/** Keys of an entry: as written, to the name that stored versions keep; of a map in it, its own. */
interface Keys {
  readonly [written: string]: string | Keys;
}

/**
 * Keys that were renamed, by section of the policy. A stored version keeps the earlier names: its document, and the digest that is signed and compared, are those
 * of before the rename, so a policy under the new keys is no new version.
 */
export const POLICY_KEYS = {
  lifecycle: { withholdAccess: 'hold', extension: { askBefore: 'ask', maximumTotal: 'inAll' }, end: { observeAgainAfter: 'lookAgain' } },
  breakGlass: { maximumDuration: 'longest', notify: 'tell' },
  requestable: { maximumDuration: 'longest', remindBefore: 'remind', stages: { onTimeout: 'otherwise' } },
} as const satisfies Keys;

/** Sections of a policy file with the keys of a stored version. @param value that the schema allows */
export function asStored(value: unknown): unknown {
  return renamed(value, POLICY_KEYS);
}

/** The document of a stored version with the keys of a policy file, for people and clients. */
export function documentAsWritten(document: object): unknown {
  return renamed(document, inverse(POLICY_KEYS));
}

/** A path in a stored version as the file has it. */
export function asWritten(path: Path): Path {
  let keys: Keys = POLICY_KEYS;
  return path.map((step) => {
    if (typeof step === 'number') return step;
    const [written, inner] = Object.entries(keys).find(([name, stored]) => (typeof stored === 'string' ? stored : name) === step) ?? [step, {}];
    keys = typeof inner === 'string' ? {} : inner;
    return written;
  });
}

/** For `x-renamed` of a schema: the earlier names, with those of today. */
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
