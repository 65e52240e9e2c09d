import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

/** A user or a group as it is kept; `groups` of a user and `meta.location` are worked out when it is read. */
export interface StoredResource {
  readonly id: string;
  readonly schemas: readonly string[];
  readonly meta: { readonly resourceType: 'User' | 'Group'; readonly created: string; readonly lastModified: string; readonly version: string };
  readonly [attribute: string]: unknown;
}

/** Users and groups by id, in the order in which they were created. */
export interface ScimStore {
  readonly Users: Map<string, StoredResource>;
  readonly Groups: Map<string, StoredResource>;
  /** Writes all to the file, if there is one. */
  save(): void;
}

/** Opens a store; with a file that is there already, all of it is back. */
export function openScimStore(file: string | null): ScimStore {
  const stored = file === null ? {} : read(file);
  const Users = new Map((stored.Users ?? []).map((user) => [user.id, user]));
  const Groups = new Map((stored.Groups ?? []).map((group) => [group.id, group]));
  return {
    Users,
    Groups,
    save() {
      if (file === null) return;
      // Written aside and renamed, so that a kill in between leaves the old file whole.
      writeFileSync(`${file}.new`, JSON.stringify({ Users: [...Users.values()], Groups: [...Groups.values()] }), { mode: 0o600 });
      renameSync(`${file}.new`, file);
    },
  };
}

function read(file: string): { readonly Users?: readonly StoredResource[]; readonly Groups?: readonly StoredResource[] } {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
}
