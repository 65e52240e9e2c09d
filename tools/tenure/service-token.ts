import type { ServiceToken, Transaction } from '@tenure/store';
import { didYouMean } from './did-you-mean.ts';
import { usageLine } from './read-options.ts';

/** A service token as it is requested. */
export interface TokenWish {
  readonly name: string;
  readonly roles: readonly string[];
  /** Days of validity. */
  readonly days: number;
  /** User name or id of the person responsible, who decides when it is about to expire; absent: the operators. */
  readonly responsible?: string;
}

export const tokenUsage = {
  command: 'npm run token -- --role <role> --name <text> [--days <number>] [--responsible <user name>]',
  does: 'Creates an API token. --role: admin, operator, auditor or source:<name of a source in tenure.yaml>; may be repeated. --name: name of the program or person that uses it, for the audit. --days: validity, 1 to 365; default: 30, and 1 (also the maximum) with the role admin. --responsible: user name or id of the person who is notified before the token of a source expires; default: the operators.',
};

const roles = ['admin', 'operator', 'auditor'];
const mostDays = 365;

/**
 * Checks the typed arguments.
 * @throws Error with the right form
 */
export function readTokenWish({
  role = [],
  name,
  days,
  responsible,
}: {
  readonly role?: readonly string[];
  readonly name?: string;
  readonly days?: string;
  readonly responsible?: string;
}): TokenWish {
  const wrong = role.find((given) => !roles.includes(given) && !/^source:[^\s:]+$/.test(given));
  if (wrong !== undefined)
    throw new Error(`There is no role "${wrong}" for a token: --role takes ${roles.join(', ')}, or source:<name of a source in tenure.yaml>.`);
  if (role.length === 0 || !name?.trim()) throw new Error(`Provide --role and --name. ${usageLine(tokenUsage)}`);
  const isAdmin = role.includes('admin');
  const count = Number(days ?? (isAdmin ? 1 : 30));
  if (!Number.isInteger(count) || count < 1 || count > mostDays) throw new Error(`--days is "${days}", but has to be a number from 1 to ${mostDays}.`);
  if (isAdmin && count > 1)
    throw new Error(
      'An administrator token of this command is valid for one day: omit --days. Administrators create longer ones with the mutation createServiceToken.',
    );
  if (responsible !== undefined && !role.some((one) => one.startsWith('source:')))
    throw new Error('--responsible needs a role source:<name>: other tokens have no responsible person. Omit it.');
  return { name: name.trim(), roles: [...new Set(role)], days: count, ...(responsible === undefined ? {} : { responsible: responsible.trim() }) };
}

/**
 * Checks that the sources of a token exist.
 * @param sources those in tenure.yaml
 * @throws Error that names them
 */
export function mustBeSources({ roles: wanted }: Pick<TokenWish, 'roles'>, sources: readonly string[]): void {
  const wrong = sourcesOf(wanted).find((source) => !sources.includes(source));
  if (wrong === undefined) return;
  const there = sources.length === 0 ? 'it has none' : `it has ${sources.join(', ')}`;
  throw new Error(`--role source:${wrong}: there is no source ${wrong} in tenure.yaml${didYouMean(wrong, sources)}; ${there}.`);
}

/** Names of the sources that these roles are for. */
export function sourcesOf(wanted: readonly string[]): readonly string[] {
  return wanted.flatMap((role) => (role.startsWith('source:') ? [role.slice('source:'.length)] : []));
}

/** Makes a token, with its audit. The token itself is only in the answer: the database keeps a hash. */
export async function createToken(
  tx: Transaction,
  { name, roles: granted, days, responsible }: TokenWish,
): Promise<{ readonly serviceToken: ServiceToken; readonly token: string }> {
  const { actor, now } = tx.context;
  const expiresAt = new Date(Date.parse(now) + days * 24 * 3600 * 1000).toISOString();
  const responsibleId = responsible === undefined ? null : await personNamed(tx, responsible);
  return tx.sessions.createServiceToken({ name, roles: granted, createdBy: actor.id, expiresAt, responsibleId }, now);
}

async function personNamed(tx: Transaction, named: string): Promise<string> {
  const isId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(named);
  const found = isId
    ? await tx.identities.get(named)
    : ((await tx.identities.page({ search: named }, 50, null)).find(({ userName }) => userName === named) ?? null);
  if (found === null || found.state !== 'active') throw new Error(`--responsible is "${named}", but has to be the user name or id of an active person.`);
  return found.id;
}
