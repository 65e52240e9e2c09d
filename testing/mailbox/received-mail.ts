/** A mail that has arrived. */
export interface ReceivedMail {
  readonly number: number;
  readonly at: string;
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}
