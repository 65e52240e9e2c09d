import type { Type } from '@nestjs/common';
import { Field, ObjectType } from '@nestjs/graphql';
import { InputInvalid } from '@tenure/domain';

/** End of a page (Relay cursor connections). */
@ObjectType({ description: 'Position of a page (Relay cursor connections). Pages go forward: first and after.' })
export class PageInfo {
  @Field(() => Boolean, { description: 'True if another page follows.' })
  hasNextPage!: boolean;
  @Field(() => Boolean, { description: 'True if the argument after was given.' })
  hasPreviousPage!: boolean;
  @Field(() => String, { nullable: true, description: 'Cursor of the first edge; null: the page is empty.' })
  startCursor!: string | null;
  @Field(() => String, { nullable: true, description: 'Cursor of the last edge, for the argument after; null: the page is empty.' })
  endCursor!: string | null;
}

export interface Connection<T> {
  readonly edges: readonly { readonly cursor: string; readonly node: T }[];
  readonly pageInfo: PageInfo;
}

/**
 * The type of a page: `IdentityConnection` with `IdentityEdge`.
 * @param of noun of the nodes, in the plural
 */
export function connectionType(name: string, of: string, node: () => Type): Type {
  @ObjectType(`${name}Edge`, { description: `Position of one of the ${of} on a page.` })
  class Edge {
    @Field(() => String, { description: 'Cursor of the node, for the argument after.' })
    cursor!: string;
    @Field(node, { description: `One of the ${of}.` })
    node!: unknown;
  }
  @ObjectType(`${name}Connection`, { description: `Page of ${of}.` })
  class ConnectionObject {
    @Field(() => [Edge], { description: `The ${of} of the page, each with its cursor.` })
    edges!: Edge[];
    @Field(() => PageInfo, { description: 'Position of the page.' })
    pageInfo!: PageInfo;
  }
  return ConnectionObject;
}

/** Maximum number of nodes on a page. */
export const mostOnPage = 100;

/** @throws InputInvalid when it is not 1 to 100 */
export function pageSize(first: number): number {
  if (first < 1 || first > mostOnPage) throw new InputInvalid(`first must be 1 to ${mostOnPage}`, { first: String(first) });
  return first;
}

/** @param found one more than fits on the page, when there are more */
export function connectionOf<T>(found: readonly T[], first: number, after: string | null | undefined, keyOf: (node: T) => readonly string[]): Connection<T> {
  const edges = found.slice(0, first).map((node) => ({ cursor: cursorOf(keyOf(node)), node }));
  const pageInfo = {
    hasNextPage: found.length > first,
    hasPreviousPage: after != null,
    startCursor: edges[0]?.cursor ?? null,
    endCursor: edges.at(-1)?.cursor ?? null,
  };
  return { edges, pageInfo };
}

function cursorOf(key: readonly string[]): string {
  return Buffer.from(key.join(' ')).toString('base64url');
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** Id after which a page of identities continues. @throws InputInvalid when the cursor is none of ours */
export function idAfter(after: string | null | undefined): string | null {
  if (after == null) return null;
  const id = Buffer.from(after, 'base64url').toString();
  if (!uuid.test(id)) throw new InputInvalid('after is not a cursor of this list');
  return id;
}

/** Instant and id before which a page of events continues. @throws InputInvalid when the cursor is none of ours */
export function eventBefore(after: string | null | undefined): { at: string; id: string } | null {
  if (after == null) return null;
  const [at = '', id = ''] = Buffer.from(after, 'base64url').toString().split(' ');
  if (!instant.test(at) || !uuid.test(id)) throw new InputInvalid('after is not a cursor of this list');
  return { at, id };
}

/** Instant and position before which a page of the audit continues. @throws InputInvalid when the cursor is none of ours */
export function positionBefore(after: string | null | undefined): { at: string; position: number } | null {
  if (after == null) return null;
  const [at = '', position = ''] = Buffer.from(after, 'base64url').toString().split(' ');
  if (!instant.test(at) || !/^\d{1,15}$/.test(position)) throw new InputInvalid('after is not a cursor of this list');
  return { at, position: Number(position) };
}

/** Text after which a page continues, in a list that is ordered by one. */
export function textAfter(after: string | null | undefined): string | null {
  return after == null ? null : Buffer.from(after, 'base64url').toString();
}

/** @param argument the place in the query, such as `filter.identityId` @throws InputInvalid where it is no id at all */
export function checkedId(argument: string, id: string): string {
  if (!uuid.test(id)) throw new InputInvalid(`${argument} must be a UUID in lower case`, { argument });
  return id;
}
