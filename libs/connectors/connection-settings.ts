/** What every kind of target has. */
export interface ConnectionSettings {
  /** Name of the target in tenure.yaml; it is in every error. */
  readonly name: string;
  /** Milliseconds for one call, from asking for a connection to the last byte of the answer. */
  readonly timeout: number;
  /** Calls at a time, so also the most connections that are of use. */
  readonly concurrency: number;
  /** The account attributes that Tenure writes there: their names are the keys. */
  readonly attributes: Readonly<Record<string, string>>;
  /** An attribute that Tenure reads besides: when the person was last active there. */
  readonly lastActivity?: string;
  /** Reason why nothing is encrypted on the way to another machine, as tenure.yaml gives it. */
  readonly cleartext?: string;
}
