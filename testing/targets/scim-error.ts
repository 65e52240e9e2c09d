/** Error that the server answers with instead of a resource (RFC 7644 section 3.12). */
export class ScimError extends Error {
  readonly status: number;
  readonly scimType: string | null;
  constructor(status: number, detail: string, scimType: string | null = null) {
    super(detail);
    this.status = status;
    this.scimType = scimType;
  }

  toBody(): object {
    return {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
      status: String(this.status),
      ...(this.scimType ? { scimType: this.scimType } : {}),
      detail: this.message,
    };
  }
}
