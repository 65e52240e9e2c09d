import { hash } from 'node:crypto';

/**
 * Short digests (16 hexadecimal digits of SHA-256) of the values of one account: by them the ledger recognizes equal observations, and it contains no
 * value. The same value in two accounts has two digests, so nobody finds people with equal values by them.
 */
export function digestFor(accountId: string): (text: string) => string {
  return (text) => hash('sha256', `${accountId}\n${text}`, 'hex').slice(0, 16);
}
