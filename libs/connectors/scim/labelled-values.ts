type Json = Readonly<Record<string, unknown>>;

/** Lists of `{ value, type, primary }` or, for addresses, of their parts, with the main part. Tenure manages one entry of each. */
const labelled: ReadonlyMap<string, string> = new Map([
  ['emails', 'value'],
  ['phoneNumbers', 'value'],
  ['addresses', 'formatted'],
]);

/** Names of these lists. */
export const labelledLists: ReadonlySet<string> = new Set(labelled.keys());

/** Place of an account attribute in such a list: `emails` is `value` in `emails`, `addresses.locality` is `locality` in `addresses`. */
export interface LabelledPlace {
  readonly list: string;
  readonly part: string;
}

/** Place of an attribute; `null` for an attribute that is not in such a list. */
export function labelledPlace(name: string): LabelledPlace | null {
  const [list = '', part, ...more] = name.split('.');
  const whole = labelled.get(list);
  return whole === undefined || more.length > 0 ? null : { list, part: part ?? whole };
}

/**
 * The entry that Tenure manages: the one of type `work`, else one without a type; the primary one of several.
 * Entries of other types (`home`, `mobile`) belong to the person, even the only one.
 */
export function managedEntry(list: unknown): Json | null {
  const entries = entriesOf(list);
  const rank = (entry: Json): number => (typeOf(entry) === 'work' ? 0 : 2) + (isPrimary(entry) ? 0 : 1);
  const ours = entries.filter((entry) => typeOf(entry) === 'work' || typeOf(entry) === '');
  return (ours.length > 1 ? ours.toSorted((a, b) => rank(a) - rank(b)) : ours)[0] ?? null;
}

/**
 * List with one part of the managed entry changed; all other entries, and the other parts of this one, are unchanged.
 * @param value `undefined`: the part is removed, and with its last part the entry
 */
export function withManaged(list: unknown, part: string, value: unknown): readonly Json[] {
  const entries = entriesOf(list);
  const ours = managedEntry(list);
  if (ours === null) {
    // If the person's own entry has the same value, a second one would be useless, and each attempt would add another.
    const isThere = part === 'value' && entries.some((entry) => entry['value'] === value);
    return value === undefined || isThere ? entries : [...entries, newEntry(entries, part, value)];
  }
  const { [part]: _before, ...rest } = ours;
  const changed = value === undefined ? rest : { ...rest, [part]: value };
  const isEmpty = Object.keys(changed).every((key) => key === 'type' || key === 'primary' || key === 'display');
  return isEmpty ? entries.filter((entry) => entry !== ours) : entries.map((entry) => (entry === ours ? changed : entry));
}

/** New entry, which is primary unless another one is. */
function newEntry(entries: readonly Json[], part: string, value: unknown): Json {
  return { [part]: value, type: 'work', ...(entries.some(isPrimary) ? {} : { primary: true }) };
}

/** Filter of PATCH that selects only this entry: `type eq "work"`; `null` when nothing distinguishes it. */
export function filterOf(list: unknown, entry: Json): string | null {
  const alike = (key: string): boolean => entriesOf(list).filter((other) => other[key] === entry[key]).length === 1;
  for (const key of ['type', 'value', 'formatted']) if (typeof entry[key] === 'string' && alike(key)) return `${key} eq ${JSON.stringify(entry[key])}`;
  return null;
}

function entriesOf(list: unknown): readonly Json[] {
  return Array.isArray(list) ? list.filter((item): item is Json => typeof item === 'object' && item !== null && !Array.isArray(item)) : [];
}

function typeOf(entry: Json): string {
  return typeof entry['type'] === 'string' ? entry['type'].toLowerCase() : '';
}

function isPrimary(entry: Json): boolean {
  return entry['primary'] === true || String(entry['primary']).toLowerCase() === 'true';
}
