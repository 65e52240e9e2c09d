import type { AccountAttributes } from '@tenure/domain';
import type { ScimUser } from './answers.ts';
import { patchPath, wireValue } from './attributes.ts';
import { filterOf, type LabelledPlace, labelledPlace, managedEntry, withManaged } from './labelled-values.ts';

/** One operation of a PATCH (RFC 7644 section 3.5.2). */
export interface PatchOperation {
  readonly op: 'add' | 'replace' | 'remove';
  /** Path of the attribute; absent: `value` is an object of attributes. */
  readonly path?: string;
  readonly value?: unknown;
}

/**
 * Operations that write attributes, for the current state of the account.
 * @param form `entry`: of a list such as `emails` only the managed entry is named, so that entries that the target does not show
 *   stay too. `list`: the list is replaced by the read list with that entry changed, for targets without filters in paths
 */
export function patchOperations(user: ScimUser, attributes: AccountAttributes, form: 'entry' | 'list'): readonly PatchOperation[] {
  const written = Object.entries(attributes).map(([name, value]) => ({ name, value: wireValue(name, value), place: labelledPlace(name) }));
  const lists = Map.groupBy(
    written.filter((one): one is typeof one & { place: LabelledPlace } => one.place !== null),
    ({ place }) => place.list,
  );
  const plain = written.filter(({ place }) => place === null).map(({ name, value }) => operation(patchPath(name), value));
  const parts = [...lists].flatMap(([list, changes]) =>
    listOperations(
      list,
      user[list],
      changes.map(({ place, value }) => [place.part, value]),
      form,
    ),
  );
  return [...plain, ...parts];
}

type Part = readonly [part: string, value: unknown];

function listOperations(list: string, before: unknown, parts: readonly Part[], form: 'entry' | 'list'): readonly PatchOperation[] {
  const after = parts.reduce<unknown>((sofar, [part, value]) => withManaged(sofar, part, value), before);
  const [ours, changed] = [managedEntry(before), managedEntry(after)];
  if (ours === null && changed === null) return [];
  const filter = ours === null ? null : filterOf(before, ours);
  // After the entry's own value has changed, a filter by that value would no longer find it.
  const isLasting = filter !== null && (parts.length === 1 || filter.startsWith('type '));
  if (form === 'list' || (ours !== null && !isLasting)) return [operation(list, Array.isArray(after) && after.length > 0 ? after : undefined)];
  // `add` appends; it removes nothing from the list.
  if (ours === null) return [{ op: 'add', path: list, value: [changed] }];
  if (changed === null) return [{ op: 'remove', path: `${list}[${filter}]` }];
  return parts.map(([part, value]) => operation(`${list}[${filter}].${part}`, value));
}

function operation(path: string, value: unknown): PatchOperation {
  return value === undefined ? { op: 'remove', path } : { op: 'replace', path, value };
}
