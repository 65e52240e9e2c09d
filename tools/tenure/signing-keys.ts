import { activatesAt, KEY_PURPOSES, keyRules, type KeySettings, replacedAt, type UsedPurpose } from '@tenure/engine/keys';
import type { StoredKey } from '@tenure/store';
import { didYouMean } from './did-you-mean.ts';
import { usageLine } from './read-options.ts';

export const keysUsage = {
  command: 'npm run keys -- list | rotate <purpose> [--now] | retire <key> --reason <text> [--config <folder>]',
  does: 'Shows and rotates the signing keys of the installation, for the purposes saml, oidc and certificate. list: keys with their states and dates. rotate: publishes the next key, which signs when it has been published for as long as keys.<purpose>.publishBefore in tenure.yaml says; --now: a next key that has been published for ten minutes signs at once. retire: takes a key out of use whose private part may be known to others; nothing that it has signed verifies any more. The audit keeps the reason. --config: folder of tenure.yaml; default: TENURE_CONFIG, else configuration.',
};

export type KeysWish =
  | { readonly command: 'list' }
  | { readonly command: 'rotate'; readonly purpose: UsedPurpose; readonly isNow: boolean }
  | { readonly command: 'retire'; readonly key: string; readonly reason: string };

/**
 * Checks the typed arguments.
 * @throws Error with the right form
 */
export function readKeysWish(words: readonly string[], { now = false, reason }: { readonly now?: boolean; readonly reason?: string }): KeysWish {
  const [command = '', what = '', ...more] = words;
  if (more.length > 0) throw new Error(`"${more[0]}" is one argument too many. ${usageLine(keysUsage)}`);
  switch (command) {
    case 'list':
      return { command };
    case 'rotate': {
      const purpose = KEY_PURPOSES.find((one) => one === what);
      if (purpose === undefined) throw new Error(`There are no keys for "${what}"${didYouMean(what, KEY_PURPOSES)}: rotate takes ${KEY_PURPOSES.join(', ')}.`);
      return { command, purpose, isNow: now };
    }
    case 'retire':
      if (what === '' || !reason?.trim()) throw new Error(`Provide the id of the key, and --reason, which the audit keeps. ${usageLine(keysUsage)}`);
      return { command, key: what, reason: reason.trim().slice(0, 500) };
    default:
      throw new Error(`Provide list, rotate or retire. ${usageLine(keysUsage)}`);
  }
}

/** Lines of `list` for the keys of one purpose, the newest first. */
export function keyLines(purpose: UsedPurpose, keys: readonly StoredKey[], settings: KeySettings, now: string): readonly string[] {
  const rules = keyRules(purpose, settings);
  const date = (at: number | null): string => (at === null ? '' : new Date(at).toISOString().slice(0, 'YYYY-MM-DDThh:mm'.length));
  const lines = keys.map((key) => {
    const { id, state, algorithm, createdAt, activatedAt, retiringAt, retiredAt } = key;
    const due = replacedAt(key, rules);
    const isOverdue = due !== null && due < Date.parse(now);
    const text = {
      next: `signs from ${date(activatesAt({ createdAt }, rules))}`,
      active: `since ${activatedAt?.slice(0, 16) ?? ''}${due === null ? '' : `, to be replaced at ${date(due)}${isOverdue ? ' (overdue: does a worker run?)' : ''}`}`,
      retiring: `since ${retiringAt?.slice(0, 16) ?? ''}${rules.longestValidity === null ? ', published for good' : `, until ${date(Date.parse(retiringAt ?? now) + rules.longestValidity)}`}`,
      retired: `since ${retiredAt?.slice(0, 16) ?? ''}`,
    }[state];
    return `  ${state.padEnd(8)}  ${id}  ${algorithm}  ${text}`;
  });
  return [`${purpose}:`, ...(lines.length === 0 ? ['  no key yet: the first one is made when it is needed'] : lines)];
}
