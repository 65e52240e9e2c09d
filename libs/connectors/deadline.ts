import type { Failures } from './failures.ts';

const over = new Error('the call is over');

/**
 * Runs work that must end in time. At the deadline the signal aborts, so that the work releases its connection, and the caller gets
 * its answer whether or not the work reacts. The signal also aborts when the work has ended: if one of several concurrent requests
 * has failed, the others must not keep their connections until a silent target answers.
 * @param milliseconds for all of the work, and again from each call of `renew`: for work of several answers, each of which has to come in time
 * @param waitingFor returns the step that was in progress at the deadline, as a code of `connection-reasons.ts`
 * @throws ConnectorUnavailable at the deadline
 */
export async function withDeadline<T>(
  failures: Failures,
  milliseconds: number,
  work: (signal: AbortSignal, renew: () => void) => Promise<T>,
  waitingFor: () => string = () => 'ANSWER_TIMEOUT',
): Promise<T> {
  const controller = new AbortController();
  const { promise: expired, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const error = failures.disconnected(new Error(`no answer within ${milliseconds} ms`), waitingFor());
    reject(error);
    controller.abort(error);
  }, milliseconds);
  const renew = (): void => {
    if (!controller.signal.aborted) timer.refresh();
  };
  try {
    return await Promise.race([work(controller.signal, renew), expired]);
  } finally {
    clearTimeout(timer);
    controller.abort(over);
  }
}
