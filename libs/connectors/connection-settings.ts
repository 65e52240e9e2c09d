/** Settings of every kind of target. */
export interface ConnectionSettings {
  /** Name of the target in tenure.yaml; it is in every error. */
  readonly name: string;
  /** Timeout of one call in milliseconds, from the request for a connection to the last byte of the answer. */
  readonly timeout: number;
  /** Maximum number of concurrent calls, and so of useful connections. */
  readonly concurrency: number;
  /** Account attributes that Tenure writes there, by name. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Attribute with the person's last activity, which Tenure reads in addition. */
  readonly lastActivity?: string;
  /** Reason for an unencrypted connection to another machine, from tenure.yaml. */
  readonly cleartext?: string;
}
