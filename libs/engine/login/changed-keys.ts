import type { Configuration, ProviderSettings } from '@tenure/config';
import type { Facts } from '@tenure/domain';
import type { KeysOfLogin, Transaction } from '@tenure/store';
import { type CorrelationValue, correlationValues, isSameKey } from '../intake/correlation-value.ts';
import { trustsDomainOf } from '../intake/settings-of-source.ts';
import { lookFor } from '../intake/store-records.ts';

/** A login of a subject that is bound, with its earlier values. */
export interface BoundLogin {
  readonly provider: ProviderSettings;
  readonly identityId: string;
  readonly facts: Facts;
  readonly emailVerified: boolean;
  /** Attribute to value; attributes that it never stated are absent. */
  readonly before: Readonly<Record<string, unknown>>;
}

export interface KeysOfBoundLogin {
  /** Correlation keys of the subject: the values of this login, and the earlier values of keys that it leaves out. */
  readonly keys: KeysOfLogin;
  /** Keys by which it may be somebody else; empty: it is still the same person. */
  readonly changed: readonly string[];
  /** True: at least one attribute key has its earlier value. An e-mail address does not count, since addresses are reassigned. */
  readonly isSame: boolean;
}

/**
 * Checks whether a bound subject is still the same person: a provider that reassigns a name (an e-mail as name identifier) makes its next bearer the
 * predecessor. A key may change where a source of records states the new value of the person too, or where a stronger key has its value of before and
 * the new value matches nobody else.
 */
export async function keysOfBoundLogin(tx: Transaction, configuration: Configuration, login: BoundLogin): Promise<KeysOfBoundLogin> {
  const { provider, before, identityId } = login;
  const values = valuesOf(login);
  const isSame = (value: CorrelationValue): boolean => isSameKey(before[value.by], value.value);
  const strongest = Math.max(-1, ...values.filter(isSame).map(strength));
  const others = values.filter((value) => !isSame(value));
  const names = provider.correlate.map((key) => ('attribute' in key ? key.attribute : 'email'));
  const known = Object.fromEntries(names.flatMap((name) => (typeof before[name] === 'string' ? [[name, before[name]]] : [])));
  const keys: KeysOfLogin = { ...known, ...Object.fromEntries(values.map(({ by, value }) => [by, value])) };
  if (others.length === 0) return { keys, changed: [], isSame: strongest > 0 };
  const { candidatesOf } = await lookFor(tx, configuration, [{ values: others, base: '' }]);
  const feeds = (await tx.identities.recordsOf(identityId)).filter(
    ({ source, withdrawnAt = null }) => withdrawnAt === null && Object.hasOwn(configuration.sources, source),
  );
  const isChanged = (value: CorrelationValue): boolean => {
    const said = feeds.filter(({ facts }) => typeof facts[value.by] === 'string');
    if (said.some(({ facts }) => isSameKey(facts[value.by], value.value))) return false;
    const isElsewhere = candidatesOf(value).some((one) => one.identityId !== identityId);
    if (isElsewhere || strongest > strength(value)) return isElsewhere;
    return typeof before[value.by] === 'string' || (said.length > 0 && value.kind === 'attribute');
  };
  return { keys, changed: others.filter(isChanged).map(({ by }) => by), isSame: strongest > 0 };
}

/** Correlation keys of a login by its provider's entry. Stored with the binding, and compared with those of later logins. */
export function keysOfLogin(login: Pick<BoundLogin, 'provider' | 'facts' | 'emailVerified'>): KeysOfLogin {
  return Object.fromEntries(valuesOf(login).map(({ by, value }) => [by, value]));
}

function valuesOf({ provider, facts, emailVerified }: Pick<BoundLogin, 'provider' | 'facts' | 'emailVerified'>): readonly CorrelationValue[] {
  const { email } = facts;
  return correlationValues(provider, facts, typeof email === 'string' && emailVerified && trustsDomainOf(provider, email));
}

function strength({ kind, forLife }: CorrelationValue): number {
  return kind === 'email' ? 0 : forLife ? 2 : 1;
}
