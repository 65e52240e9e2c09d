/**
 * Adoption of an existing account for this person by the value of the target's `adoptBy` attribute: allowed or refused. Decided with
 * the desired account, from the attributes that sources may vouch for; `refused` completes "the account is not adopted: …" and has no personal data.
 */
export type Adoption =
  | {
      readonly attribute: string;
      /** Attributes of the person from which the value is made, each vouched for by a source; sorted. */
      readonly restsOn: readonly string[];
    }
  | { readonly attribute: string; readonly refused: string };
