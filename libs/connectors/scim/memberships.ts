import type { Failures } from '../failures.ts';
import type { ScimGroup, ScimUser } from './answers.ts';
import type { ScimResources } from './resources.ts';

/** The groups that accounts hold, and changing that. */
export interface ScimMemberships {
  /** Names of the groups that each user is in directly, sorted, by user id. */
  of(users: readonly ScimUser[], signal: AbortSignal): Promise<ReadonlyMap<string, readonly string[]>>;
  /** @returns `gone` when the target says that the user or the group is not there */
  add(group: string, userId: string, signal: AbortSignal): Promise<void>;
  /** No such group or not in it is success. */
  remove(group: string, userId: string, signal: AbortSignal): Promise<void>;
}

/** Milliseconds for which a group's id is believed to belong to its name. */
const remembered = 30_000;
const pageSize = 100;

/** Finds groups by `displayName`; their members are user ids. */
export function membershipsOf(groups: ScimResources<ScimGroup>, failures: Failures): ScimMemberships {
  const ids = new Map<string, { readonly id: string; readonly until: number }>();
  const names = new Map<string, { readonly name: string | null; readonly until: number }>();

  async function idOf(name: string, signal: AbortSignal): Promise<string | null> {
    const known = ids.get(name);
    if (known && known.until > Date.now()) return known.id;
    const found = (await groups.where('displayName', name, signal)).filter((group) => group.displayName === name);
    if (found.length > 1) throw failures.refused('several groups bear the name', { entitlement: name });
    const id = found[0]?.id;
    if (id === undefined) ids.delete(name);
    else ids.set(name, { id, until: Date.now() + remembered });
    return id ?? null;
  }

  async function nameOf(id: string, signal: AbortSignal): Promise<string | null> {
    const known = names.get(id);
    if (known && known.until > Date.now()) return known.name;
    const name = (await groups.read(id, signal))?.displayName ?? null;
    names.set(id, { name, until: Date.now() + remembered });
    return name;
  }

  /** By what the user itself lists; `null` when it lists nothing, which may mean "none" or "not said here". */
  async function stated(user: ScimUser, signal: AbortSignal): Promise<readonly string[] | null> {
    if (!user.groups) return null;
    const direct = user.groups.filter(({ type }) => type !== 'indirect');
    const found = await Promise.all(direct.map(async ({ value, display }) => display ?? (await nameOf(value, signal))));
    return found.filter((name) => name !== null);
  }

  async function everyGroup(signal: AbortSignal): Promise<readonly ScimGroup[]> {
    const all: ScimGroup[] = [];
    for (let next: number | null = 1; next !== null; ) {
      const page = await groups.page(next, pageSize, signal);
      all.push(...page.items);
      next = page.next;
    }
    return all;
  }

  const holding = (all: readonly ScimGroup[], userId: string): readonly string[] =>
    all.filter(({ members }) => members?.some(({ value }) => value === userId)).map(({ displayName }) => displayName);

  async function askGroups(users: readonly ScimUser[], signal: AbortSignal): Promise<readonly (readonly string[])[]> {
    const [only] = users;
    if (only && users.length === 1) {
      const found = await groups.whereIfAble('members.value', only.id, signal);
      if (found) return [found.map(({ displayName }) => displayName)];
    }
    if (users.length === 0) return [];
    const all = await everyGroup(signal);
    return users.map(({ id }) => holding(all, id));
  }

  return {
    async of(users, signal) {
      const own = await Promise.all(users.map((user) => stated(user, signal)));
      const silent = users.filter((_, index) => own[index] === null);
      const asked = await askGroups(silent, signal);
      const found = users.map((user, index) => [user.id, [...(own[index] ?? asked[silent.indexOf(user)] ?? [])].sort()] as const);
      return new Map(found);
    },
    async add(name, userId, signal) {
      const member = { value: userId };
      const id = await idOf(name, signal);
      if (id === null) throw failures.refused('there is no group of that name', { entitlement: name });
      const patch = [{ op: 'add', path: 'members', value: [member] }] as const;
      const whole = (group: ScimGroup) => (has(group, userId) ? null : { ...group, members: [...(group.members ?? []), member] });
      const outcome = await groups.change(id, patch, whole, signal);
      if (outcome === 'done') return;
      ids.delete(name);
      throw failures.unavailable('the group went away meanwhile', { entitlement: name });
    },
    async remove(name, userId, signal) {
      const id = await idOf(name, signal);
      if (id === null) return;
      // By a filter, never by a list in `value`: some targets then clear the whole group.
      const patch = [{ op: 'remove', path: `members[value eq ${JSON.stringify(userId)}]` }] as const;
      const whole = (group: ScimGroup) => (has(group, userId) ? { ...group, members: (group.members ?? []).filter(({ value }) => value !== userId) } : null);
      if ((await groups.change(id, patch, whole, signal)) !== 'gone') return;
      ids.delete(name);
    },
  };
}

function has(group: ScimGroup, userId: string): boolean {
  return group.members?.some(({ value }) => value === userId) ?? false;
}
