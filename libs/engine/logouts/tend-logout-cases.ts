import { toInstant } from '@tenure/domain';
import type { Transaction } from '@tenure/store';
import { closeCase, openCase } from '../cases/open-case.ts';
import type { Engine } from '../decide/engine.ts';

/** Most people that a case names; it has their number too. */
const MOST_PEOPLE = 50;

/**
 * Opens a case for each of these applications that has not confirmed in time that sessions there ended, renews its evidence, and closes it once all
 * are confirmed or have ended by themselves.
 */
export async function tendLogoutCases(tx: Transaction, { configuration }: Pick<Engine, 'configuration'>, applications: readonly string[]): Promise<void> {
  if (applications.length === 0) return;
  const now = Date.parse(tx.context.now);
  const known = applications.flatMap((name) => (Object.hasOwn(configuration.applications, name) ? (configuration.applications[name] ?? []) : []));
  const before = Object.fromEntries(known.map(({ name, confirmWithin }) => [name, toInstant(now - confirmWithin)]));
  const unconfirmed = await tx.logoutNotices.unconfirmed(before, MOST_PEOPLE);
  for (const { application, people, sessions, since, until, code } of unconfirmed) {
    await openCase(tx, {
      kind: 'logout-not-confirmed',
      key: logoutCaseKey(application),
      identityId: null,
      target: null,
      operationId: null,
      evidence: { application, identityIds: people, sessions, since, until, code },
    });
  }
  const over = applications.filter((name) => !unconfirmed.some(({ application }) => application === name));
  if (over.length === 0) return;
  for (const open of await tx.cases.openOfKeys(over.map(logoutCaseKey))) await closeCase(tx, open, 'no session there is unconfirmed any more');
}

/** Key of the case about an application that does not confirm ends of sessions. */
export function logoutCaseKey(application: string): string {
  return `logout-not-confirmed/${application}`;
}
