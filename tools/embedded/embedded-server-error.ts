/**
 * Error of an embedded server that could not be started or stopped. The message is one sentence for the person who typed the command: the problem and
 * what to do, so a caller prints it without the stack.
 */
export class EmbeddedServerError extends Error {
  override readonly name = 'EmbeddedServerError';
}
