import { randomUUID } from 'node:crypto';
import { ScimError } from './scim-error.ts';
import { FilterInvalid, parseFilter } from './scim-filter.ts';
import { applyPatch } from './scim-patch.ts';
import { checkedGroup, checkedUser, groupSchema, isObject, userSchema } from './scim-schema.ts';
import type { ScimStore, StoredResource } from './scim-store.ts';

type Json = Readonly<Record<string, unknown>>;
/** Names as in the paths. */
export type Kind = 'Users' | 'Groups';

/** The service: operations on users and groups. All throw ScimError. */
export interface ScimService {
  list(kind: Kind, query: URLSearchParams): object;
  read(kind: Kind, id: string): Json;
  create(kind: Kind, body: unknown): Json;
  replace(kind: Kind, id: string, body: unknown, ifMatch: string | undefined): Json;
  patch(kind: Kind, id: string, body: unknown, ifMatch: string | undefined): Json;
  remove(kind: Kind, id: string): void;
}

const mostPerPage = 200;

/** @param address base address, for `meta.location` */
export function createScimService(store: ScimStore, address: () => string): ScimService {
  function find(kind: Kind, id: string): StoredResource {
    const found = store[kind].get(id);
    if (!found) throw new ScimError(404, 'Resource not found');
    return found;
  }

  function membersOf(group: StoredResource): readonly { readonly value: string }[] {
    return (group['members'] ?? []) as readonly { readonly value: string }[];
  }

  function shown(kind: Kind, resource: StoredResource): Json {
    const meta = { ...resource.meta, location: `${address()}/${kind}/${resource.id}` };
    if (kind === 'Groups') return { ...resource, meta };
    const held = [...store.Groups.values()].filter((group) => membersOf(group).some(({ value }) => value === resource.id));
    const groups = held.map((group) => ({ value: group.id, display: group['displayName'], type: 'direct', $ref: `${address()}/Groups/${group.id}` }));
    return { ...resource, ...(groups.length > 0 ? { groups } : {}), meta };
  }

  function checked(kind: Kind, body: unknown, id: string | null): Json {
    if (!isObject(body)) throw new ScimError(400, 'the body is not a resource', 'invalidSyntax');
    const schemas = Array.isArray(body['schemas']) ? body['schemas'] : [];
    if (!schemas.includes(kind === 'Users' ? userSchema : groupSchema)) throw new ScimError(400, 'schemas does not name the resource', 'invalidValue');
    const resource = kind === 'Users' ? checkedUser(body) : checkedGroup(body, (user) => store.Users.has(user));
    const key = kind === 'Users' ? 'userName' : 'displayName';
    const name = String(resource[key]).toLowerCase();
    const clash = [...store[kind].values()].some((other) => other.id !== id && String(other[key]).toLowerCase() === name);
    if (clash) throw new ScimError(409, 'the name is taken', 'uniqueness');
    return resource;
  }

  function keep(kind: Kind, resource: Json, before: StoredResource | null): Json {
    const now = new Date().toISOString();
    const version = `W/"${Number(before?.meta.version.slice(3, -1) ?? 0) + 1}"`;
    const meta = { resourceType: kind === 'Users' ? 'User' : 'Group', created: before?.meta.created ?? now, lastModified: now, version } as const;
    const stored: StoredResource = { ...resource, schemas: resource['schemas'] as readonly string[], id: before?.id ?? randomUUID(), meta };
    store[kind].set(stored.id, stored);
    store.save();
    return shown(kind, stored);
  }

  function assertCurrent(resource: StoredResource, ifMatch: string | undefined): void {
    if (ifMatch !== undefined && ifMatch !== '*' && ifMatch !== resource.meta.version) throw new ScimError(412, 'the resource has changed');
  }

  return {
    list(kind, query) {
      const all = [...store[kind].values()].map((resource) => shown(kind, resource));
      const found = all.filter(matcherOf(query.get('filter')));
      const startIndex = Math.max(1, whole(query.get('startIndex'), 1));
      const count = Math.min(mostPerPage, Math.max(0, whole(query.get('count'), 100)));
      const Resources = found.slice(startIndex - 1, startIndex - 1 + count);
      const schemas = ['urn:ietf:params:scim:api:messages:2.0:ListResponse'];
      return { schemas, totalResults: found.length, startIndex, itemsPerPage: Resources.length, Resources };
    },
    read: (kind, id) => shown(kind, find(kind, id)),
    create: (kind, body) => keep(kind, checked(kind, body, null), null),
    replace(kind, id, body, ifMatch) {
      const before = find(kind, id);
      assertCurrent(before, ifMatch);
      return keep(kind, checked(kind, body, id), before);
    },
    patch(kind, id, body, ifMatch) {
      const before = find(kind, id);
      assertCurrent(before, ifMatch);
      return keep(kind, checked(kind, applyPatch(before, body), id), before);
    },
    remove(kind, id) {
      find(kind, id);
      store[kind].delete(id);
      if (kind === 'Users') {
        for (const group of store.Groups.values()) {
          const members = membersOf(group).filter(({ value }) => value !== id);
          store.Groups.set(group.id, { ...group, members });
        }
      }
      store.save();
    },
  };
}

function matcherOf(filter: string | null): (resource: unknown) => boolean {
  if (filter === null) return () => true;
  try {
    return parseFilter(filter);
  } catch (error) {
    if (error instanceof FilterInvalid) throw new ScimError(400, error.message, 'invalidFilter');
    throw error;
  }
}

function whole(text: string | null, otherwise: number): number {
  return text !== null && /^-?\d+$/.test(text) ? Number(text) : otherwise;
}
