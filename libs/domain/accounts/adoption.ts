/**
 * Adoption of an existing account for this person by the value of the target's `adoptBy` attribute: allowed or refused. Decided with
 * the desired account, from the attributes that sources may vouch for; `refused` completes "the account is not adopted: …" and holds no personal data.
 */
export type Adoption =
  | {
      readonly attribute: string;
      /** Attributes of the person on which the value rests, each spoken for; sorted. */
      readonly restsOn: readonly string[];
    }
  | { readonly attribute: string; readonly refused: string };
