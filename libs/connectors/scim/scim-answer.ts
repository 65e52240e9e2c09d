/** An answer for the caller: success, or a refusal that the caller may interpret. */
export interface ScimAnswer {
  readonly status: number;
  /** Body as parsed JSON; `null`: there was none. */
  readonly body: unknown;
  /** Keyword of the error, e.g. `uniqueness` (RFC 7644 table 9). */
  readonly scimType: string | null;
  /** Header ETag, as received. */
  readonly etag: string | null;
  /** Error text of the target. It may contain personal data: it is searched for names of attributes, and never shown. */
  readonly detail: string;
}
