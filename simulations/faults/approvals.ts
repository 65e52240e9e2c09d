import type { Store } from '@tenure/store';
import { createGraphqlClient } from '@tenure/testing/graphql-client.ts';
import { userNameOf } from './check-end.ts';
import type { Life } from './lives.ts';
import type { Random } from './random.ts';
import type { World } from './world.ts';

/** First approver; the owner of the ledger is the second. */
const manager = 'Q-00001';
const owner = 'Q-00002';

/** A person who requests three grants: one to keep, one that expires, and one that nobody answers. */
export interface Asker {
  readonly number: string;
  /** Milliseconds after the beginning. */
  readonly begins: number;
}

export function drawAskers(random: Random, count: number, within: number): readonly Asker[] {
  return Array.from({ length: count }, (_, index) => ({ number: `R-${String(index + 1).padStart(5, '0')}`, begins: random.whole(0, within) }));
}

/** Expected final state of the requesters. */
export function livesOfAskers(askers: readonly Asker[]): readonly Life[] {
  const life = (number: string, granted: readonly string[]): Life => ({
    number,
    deeds: [],
    begins: 0,
    pauses: [],
    end: { state: 'active', department: 'Elsewhere', asserted: false, granted },
  });
  return [life(manager, []), life(owner, []), ...askers.map(({ number }) => life(number, ['auditor']))];
}

/** Hires the approvers. */
export async function hireApprovers(world: World): Promise<void> {
  for (const number of [manager, owner]) await world.record(number, hired);
}

const hired = { kind: 'record', version: 1, department: 'Elsewhere', userType: 'employee', status: 'ACTIVE', isNews: true } as const;

interface Item {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly stage: string | null;
}

/** Requests access, and has both approve, in this order, whatever is killed meanwhile. */
export async function askAndApprove(world: World, store: Store, { number }: Asker): Promise<void> {
  await world.record(number, { ...hired, manager });
  const own = await sessionOf(world, store, number);
  const items = await world.persistently(`request of ${number}`, (url) => askOnce(url, own));
  for (const [approver, stage] of [
    [manager, 'manager'],
    [owner, 'owner'],
  ] as const) {
    const token = await sessionOf(world, store, approver);
    for (const { id, name } of items.filter(({ name: asked }) => asked !== 'ledger.late'))
      await world.persistently(`${stage} about ${name} of ${number}`, (url) => decideOnce(url, own, token, id, stage));
  }
}

/** Sends a request once: it may have been accepted although its answer was lost, so looks first. */
async function askOnce(url: string, token: string): Promise<readonly Item[] | null> {
  const { ask } = createGraphqlClient({ url, token });
  const { myRequests } = await ask<{ myRequests: { items: Item[] }[] }>('{ myRequests { items { id name status stage } } }');
  if (myRequests[0] !== undefined) return myRequests[0].items;
  const names = ['ledger.auditor', 'ledger.guest', 'ledger.late'];
  const wanted = { justification: 'the end of the year', items: names.map((name) => ({ kind: 'ENTITLEMENT', name })) };
  const { requestAccess } = await ask<{ requestAccess: { items: Item[] } }>(
    'mutation ($input: RequestAccessInput!) { requestAccess(input: $input) { items { id name status stage } } }',
    { input: wanted },
  );
  return requestAccess.items;
}

async function decideOnce(url: string, asker: string, approver: string, itemId: string, stage: string): Promise<true | null> {
  const { myRequests } = await createGraphqlClient({ url, token: asker }).ask<{ myRequests: { items: Item[] }[] }>(
    '{ myRequests { items { id name status stage } } }',
  );
  const item = myRequests.flatMap(({ items }) => items).find(({ id }) => id === itemId);
  if (item !== undefined && (item.status !== 'OPEN' || item.stage !== stage)) return true;
  await createGraphqlClient({ url, token: approver }).ask(`mutation { decideRequestItem(itemId: "${itemId}", approve: true, comment: "yes") { id } }`);
  return true;
}

const tokens = new WeakMap<Store, Map<string, string>>();

async function sessionOf(world: World, store: Store, number: string): Promise<string> {
  const known = tokens.get(store) ?? new Map<string, string>();
  tokens.set(store, known);
  const token =
    known.get(number) ??
    (await world.persistently(`session of ${number}`, async () => {
      const now = new Date().toISOString();
      const until = new Date(Date.now() + 3_600_000).toISOString();
      return store.transaction({ actor: { kind: 'system', id: 'faults' }, correlationId: 'faults', now }, async (tx) => {
        const person = await tx.identities.byUserName(userNameOf(number));
        return person === null ? null : (await tx.sessions.open(person.id, 'partner', now, until)).token;
      });
    }));
  known.set(number, token);
  return token;
}

/** Differences of the requests from the expected state: each decided once, granted once, ended when it expired. */
export async function differencesOfRequests(store: Store, askers: readonly Asker[]): Promise<readonly string[]> {
  const wanted = { 'ledger.auditor': ['approved', 1], 'ledger.guest': ['ended', 1], 'ledger.late': ['denied', 0] } as const;
  return store.read(async (tx) => {
    const found: string[] = [];
    for (const { number } of askers) {
      const person = await tx.identities.byUserName(userNameOf(number));
      const wholes = await tx.requests.whole(await tx.requests.idsOf(person?.id ?? '', 10));
      if (wholes.length !== 1) found.push(`${number} asked ${wholes.length} times`);
      const events = (await tx.audit.ofIdentity(person?.id ?? '', 500)).filter(({ action }) => action === 'request.approved' || action === 'grant.given');
      for (const { id, name, status } of wholes.flatMap(({ items }) => items)) {
        const [state, times] = wanted[name as keyof typeof wanted];
        if (status !== state) found.push(`${name} of ${number} is ${status}, not ${state}`);
        const approved = events.filter(({ action, reason }) => action === 'request.approved' && reason['itemId'] === id).length;
        const given = events.filter(({ action, reason }) => action === 'grant.given' && reason['name'] === name).length;
        if (approved !== times || given !== times) found.push(`${name} of ${number} was approved ${approved} times and given ${given} times`);
      }
    }
    return found;
  });
}
