import type { Failures } from './failures.ts';

const over = new Error('the call is over');

/**
 * Does work that has to end in time. At the deadline the signal aborts, so that the work lets go of its connection, and the
 * caller gets its answer whether or not the work listened. It aborts as well when the work has ended: of several requests that were sent
 * together one has failed, and the others must not keep their connections until a silent target answers.
 * @param milliseconds for all of it
 * @param waitingFor what was under way at the deadline, as a code of `connection-reasons.ts`
 * @throws ConnectorUnavailable when the time is over
 */
export async function withDeadline<T>(
  failures: Failures,
  milliseconds: number,
  work: (signal: AbortSignal) => Promise<T>,
  waitingFor: () => string = () => 'ANSWER_TIMEOUT',
): Promise<T> {
  const controller = new AbortController();
  const { promise: expired, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const error = failures.disconnected(new Error(`no answer within ${milliseconds} ms`), waitingFor());
    reject(error);
    controller.abort(error);
  }, milliseconds);
  try {
    return await Promise.race([work(controller.signal), expired]);
  } finally {
    clearTimeout(timer);
    controller.abort(over);
  }
}
