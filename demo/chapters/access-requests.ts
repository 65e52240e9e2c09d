import { eventually } from '@tenure/testing/eventually.ts';
import type { GraphqlClient } from '@tenure/testing/graphql-client.ts';

/** One requested item, as in GraphQL. */
export interface RequestItemView {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly status: string;
  readonly reason: string | null;
  /** Name of the present stage. */
  readonly stage: string | null;
  readonly isEscalated: boolean;
  readonly validUntil: string | null;
  readonly stages: readonly {
    readonly name: string;
    readonly approvers: readonly { readonly person: { readonly displayName: string }; readonly endedAt: string | null }[];
    readonly answers: readonly { readonly by: { readonly displayName: string }; readonly approves: boolean; readonly comment: string }[];
  }[];
}
export interface RequestView {
  readonly id: string;
  readonly isOpen: boolean;
  readonly justification: string;
  readonly for: { readonly displayName: string };
  readonly items: readonly RequestItemView[];
}
/** Requested item. */
export interface AskedItem {
  readonly kind: 'ROLE' | 'ENTITLEMENT';
  readonly name: string;
  /** ISO 8601. */
  readonly duration?: string;
  readonly exceptions?: readonly { readonly rule: string; readonly control: string }[];
}

const fields = `id isOpen justification for { displayName }
  items { id name title status reason stage isEscalated validUntil
    stages { name approvers { person { displayName } endedAt } answers { by { displayName } approves comment } } }`;

/** Item that may be requested, or the reason why not. */
export interface Offer {
  readonly name: string;
  readonly title: string;
  readonly maximumDuration: string | null;
  /** Reason why it may not be requested; `null`: it may. */
  readonly reason: string | null;
  /** Conflicts with the person's grants by SoD rules. */
  readonly conflicts: readonly { readonly rule: string; readonly names: readonly string[]; readonly mayBeExcepted: boolean }[];
}

/** Everything that policy offers to one person. */
export async function catalogue(asker: GraphqlClient, identityId: string): Promise<readonly Offer[]> {
  const query = 'query ($id: ID!) { requestable(identityId: $id) { name title maximumDuration reason conflicts { rule names mayBeExcepted } } }';
  return (await asker.ask<{ requestable: readonly Offer[] }>(query, { id: identityId })).requestable;
}

/** Requests one item, for the caller. @throws GraphqlRefused */
export async function askFor(asker: GraphqlClient, item: AskedItem, justification: string): Promise<RequestView> {
  const mutation = `mutation ($input: RequestAccessInput!) { requestAccess(input: $input) { ${fields} } }`;
  return (await asker.ask<{ requestAccess: RequestView }>(mutation, { input: { justification, items: [item] } })).requestAccess;
}

/** Answers as an approver. @throws GraphqlRefused */
export async function answer(approver: GraphqlClient, itemId: string, approve: boolean, comment: string): Promise<RequestView> {
  const mutation = `mutation ($itemId: ID!, $approve: Boolean!, $comment: String!) { decideRequestItem(itemId: $itemId, approve: $approve, comment: $comment) { ${fields} } }`;
  return (await approver.ask<{ decideRequestItem: RequestView }>(mutation, { itemId, approve, comment })).decideRequestItem;
}

/** A request as it is listed for its approvers. */
export type WaitingRequest = Pick<RequestView, 'id' | 'justification' | 'for'>;

/** Waits until a request is among those that an approver has to answer. */
export function untilAsked(approver: GraphqlClient, requestId: string): Promise<WaitingRequest> {
  const look = async (): Promise<WaitingRequest | null> => {
    const { myApprovals } = await approver.ask<{ myApprovals: readonly WaitingRequest[] }>('{ myApprovals { id justification for { displayName } } }');
    return myApprovals.find(({ id }) => id === requestId) ?? null;
  };
  return eventually('the request to be theirs to answer', look, 20_000);
}

/** A request in its present status. */
export async function viewRequest(reader: GraphqlClient, id: string): Promise<RequestView> {
  return (await reader.ask<{ accessRequest: RequestView }>(`query ($id: ID!) { accessRequest(id: $id) { ${fields} } }`, { id })).accessRequest;
}

/** Waits until the first item of a request is in the expected status. */
export function untilItem(
  reader: GraphqlClient,
  requestId: string,
  what: string,
  isWanted: (item: RequestItemView) => boolean,
  within: number,
): Promise<RequestItemView> {
  const look = async (): Promise<RequestItemView | null> => {
    const { items } = await viewRequest(reader, requestId);
    return items.find(isWanted) ?? null;
  };
  return eventually(what, look, within);
}

/** Names of the present approvers. */
export function askedNow({ stages, stage }: RequestItemView): string {
  const names = stages.find(({ name }) => name === stage)?.approvers.filter(({ endedAt }) => endedAt === null) ?? [];
  return names.map(({ person }) => person.displayName).join(' and ');
}
