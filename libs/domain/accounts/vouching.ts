import type { Attribute, Identity, Instant, SourceRecord } from '../identity/facts.ts';
import { foldCase } from '../text/plain-text.ts';
import { reportedEnd } from '../lifecycle/termination.ts';

/** Trust in a source or identity provider, from tenure.yaml. */
export interface SourceTrust {
  readonly isAuthoritative: boolean;
  /** True for an identity provider: its logins state whether an e-mail is verified. Data of a source such as HR needs no verification. */
  readonly isLogin: boolean;
  /** Attributes that it lists as correlation keys. */
  readonly keys: readonly string[];
  readonly trustedEmailDomains: readonly string[];
}

/** Trust by name of the source, without the built-in sources (`operator`). */
export type TrustBySource = Readonly<Record<string, SourceTrust>>;

/** Source record of a person, with the verification and trust of its e-mail address. */
export interface VouchedRecord extends SourceRecord {
  /** Verification of the e-mail address as the source stated it; absent or `null`: recorded before it was stored. */
  readonly emailVerified?: boolean | null;
  /** True if, when the record was stored, the source was trusted for the e-mail's domain and stated that the address is verified. */
  readonly emailTrusted: boolean;
}

/** Source records of one person, with the trust in each source. */
export interface Vouching {
  readonly records: readonly VouchedRecord[];
  readonly trust: TrustBySource;
}

/** True if the e-mail address is in one of these domains. The domain follows the last @ and is compared without ASCII case; look-alikes differ. */
export function isInDomains(email: string, domains: readonly string[]): boolean {
  const at = email.lastIndexOf('@');
  return at >= 1 && domains.some((domain) => foldCase(domain) === foldCase(email.slice(at + 1)));
}

/**
 * Reason why no source vouches for a merged attribute, so that its value does not prove the owner of an account; `null` if one does. A source
 * vouches for an e-mail if it is trusted for the domain and, for a login, states that the address is verified; for any other attribute if it is
 * authoritative or lists it as a correlation key. It need not be the source whose value was merged, but must state that very value.
 * @returns text that completes "the account is not adopted: …"; it names attributes and sources, never a value
 */
export function whyNobodyVouches(name: string, attribute: Attribute, identity: Identity, { records, trust }: Vouching, now: Instant): string | null {
  const saying = records.filter(({ facts }) => Object.hasOwn(facts, name) && JSON.stringify(facts[name]) === JSON.stringify(attribute.value));
  const reasons = saying
    .toSorted((a, b) => Number(b.id === attribute.recordId) - Number(a.id === attribute.recordId))
    .map((record) => whyNot(name, record, trust, identity, now));
  return reasons.includes(null) ? null : (reasons[0] ?? `no source says its ${name} any more`);
}

function whyNot(name: string, record: VouchedRecord, trust: TrustBySource, { timeZone }: Identity, now: Instant): string | null {
  const { source } = record;
  const trusted = Object.hasOwn(trust, source) ? trust[source] : undefined;
  if (trusted === undefined) return `its ${name} comes from ${source}, which is no source of tenure.yaml`;
  if (record.status === 'ended' && reportedEnd(record, timeZone) <= now) return `its ${name} comes from ${source}, which reports the person's end`;
  if (name === 'email') return whyNotEmail(record, trusted);
  return trusted.isAuthoritative || trusted.keys.includes(name)
    ? null
    : `its ${name} comes from ${source}, which is not authoritative and does not list ${name} under correlate`;
}

function whyNotEmail({ source, facts, emailVerified, emailTrusted }: VouchedRecord, { isLogin, trustedEmailDomains }: SourceTrust): string | null {
  const email = facts['email'];
  if (typeof email !== 'string' || !isInDomains(email, trustedEmailDomains))
    return `${source} is not trusted for the domain of its email (trustedEmailDomains)`;
  return (emailVerified ?? (emailTrusted || !isLogin)) ? null : `its email is not verified by ${source}`;
}
