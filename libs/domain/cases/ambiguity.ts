/**
 * Objection to linking a record to the person whom a correlation key finds. `ended`: their relationships or the record with the key have ended,
 * and such a key may be reassigned; `contradicted`: they have another value of a key that is never reassigned; `another-record`: this source has
 * another record of them that has not ended.
 */
export type Objection = 'ended' | 'contradicted' | 'another-record';

/**
 * Objection to linking a login to the person whom a key finds. `another-subject`: they log in with another subject of this provider;
 * `not-vouched`: no authoritative source states the key for them now, and the provider's entry requires that; `privileged`: they have rights in
 * Tenure; `bound`: they log in through another provider. The last two unless the provider's entry allows them.
 */
export type LoginObjection = 'another-subject' | 'not-vouched' | 'privileged' | 'bound';

/** Difference from the bound subject: the issuer, the format of the name identifier (SAML), or `subject` for neither. */
export type SubjectChange = 'issuer' | 'name-id-format' | 'subject';

/** Reason for which a new record, or a new login, is not linked automatically. `several`: a key matches more than one person. */
export type WhyAmbiguous = 'several' | Objection | LoginObjection;

/** Reason for which a bound login is no longer accepted: its keys or the format of its name identifier changed, or it gives rights in Tenure. */
export type LoginDoubt = 'keys-changed' | 'name-id-format-changed' | 'rights-unconfirmed';
