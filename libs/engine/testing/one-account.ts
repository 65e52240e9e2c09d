import type { TargetConnector } from '@tenure/connectors';
import type { ObservedAccount } from '@tenure/domain';
import { observedAccount } from './person.ts';

/** An application with one account, which a test may change behind Tenure's back. */
export interface OneAccount {
  readonly connector: TargetConnector;
  /** `null`: there is no account. */
  isEnabled: boolean | null;
  /** Attributes that it shows beside those that are written. */
  attributes: ObservedAccount['attributes'];
  /** The identity whose mark the account has. */
  identityId: string;
}

export function createOneAccount(): OneAccount {
  const shown = (): ObservedAccount | null => {
    const { isEnabled, attributes, identityId } = one;
    // Any other person gets an account of their own.
    return isEnabled === null
      ? null
      : { ...observedAccount({ userName: 'x', externalId: identityId }, { enabled: isEnabled, attributes }), nativeId: `n-${identityId}` };
  };
  const connector: TargetConnector = {
    check: async () => [],
    list: async () => ({ items: [], next: null, total: 0, isByPosition: false, doubt: null }),
    observe: async () => shown(),
    async create({ enabled }) {
      one.isEnabled = enabled;
      return shown() as ObservedAccount;
    },
    update: async () => undefined,
    delete: async () => void (one.isEnabled = null),
    enable: async () => void (one.isEnabled = true),
    disable: async () => void (one.isEnabled = false),
    addMember: async () => null,
    removeMember: async () => undefined,
    close: async () => undefined,
  };
  const one: OneAccount = { connector, isEnabled: null, attributes: {}, identityId: '' };
  return one;
}
