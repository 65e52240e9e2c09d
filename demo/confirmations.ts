import { eventually } from '@tenure/testing/eventually.ts';
import type { AccountView, IdentityView } from './identity-view.ts';
import { viewIdentity } from './identity-view.ts';
import type { Stage } from './stage.ts';

/** When each target was seen confirmed: milliseconds after `since`, or `null` where nothing had to be done. */
export type Confirmations = ReadonlyMap<string, number | null>;

export interface ConfirmationWish {
  readonly identityId: string;
  /** When it began, milliseconds since 1970. */
  readonly since: number;
  /** Milliseconds to wait. */
  readonly within: number;
  /** Lifecycle state that is required; any, unless given. */
  readonly state?: string;
  /** Targets that have to be confirmed; all, unless given. */
  readonly targets?: readonly string[];
}

/** Polls GraphQL until the whole desired state of a person has been read back from the targets. */
export async function untilConfirmed(stage: Stage, wish: ConfirmationWish): Promise<{ readonly view: IdentityView; readonly confirmations: Confirmations }> {
  const seen = new Map<string, number | null>();
  const view = await eventually(
    `${(wish.targets ?? ['all targets']).join(', ')} to confirm`,
    async () => {
      const current = await viewIdentity(stage.reader, wish.identityId);
      if (wish.state !== undefined && current.lifecycle?.state !== wish.state) return null;
      for (const account of current.accounts) note(seen, account, wish.since);
      return current.accounts.length > 0 && current.accounts.every((account) => account.confirmedAt !== null || isNotAsked(wish, account)) ? current : null;
    },
    wish.within,
  );
  return { view, confirmations: seen };
}

function note(seen: Map<string, number | null>, { target, confirmedAt }: AccountView, since: number): void {
  if (confirmedAt === null) seen.delete(target);
  else if (!seen.has(target)) seen.set(target, Date.parse(confirmedAt) < since ? null : Date.now() - since);
}

function isNotAsked({ targets }: ConfirmationWish, { target }: AccountView): boolean {
  return targets !== undefined && !targets.includes(target);
}
