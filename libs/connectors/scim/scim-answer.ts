/** An answer that is worth looking at: success, or a refusal that may mean something to the caller. */
export interface ScimAnswer {
  readonly status: number;
  /** Parsed JSON; `null` when there was no body. */
  readonly body: unknown;
  /** The error's keyword, e.g. `uniqueness` (RFC 7644 table 9). */
  readonly scimType: string | null;
  /** The header ETag, as it was sent. */
  readonly etag: string | null;
  /** Error text of the target. It may hold personal data: it is searched for names of attributes, and never shown. */
  readonly detail: string;
}
