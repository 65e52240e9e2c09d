import type { TargetConnector } from '@tenure/connectors';
import { DomainError } from '@tenure/domain';
import { inSpan, type Metrics, type Tracing } from '@tenure/telemetry';

/**
 * Counts, times and traces each call to a target: by its name and the call's, never by the person it is about.
 * @param worked called after each call but tests with whether the target as a whole gave an answer
 */
export function observeTarget(
  target: string,
  kind: string,
  connector: TargetConnector,
  metrics: Pick<Metrics, 'targetCall'>,
  tracing: Tracing,
  worked: (target: string, well: boolean) => void = () => undefined,
): TargetConnector {
  const observed = async <T>(call: string, work: () => Promise<T>): Promise<T> => {
    const begun = performance.now();
    const told = (result: string): void => metrics.targetCall(target, call, result, performance.now() - begun);
    try {
      const attributes = { 'tenure.target': target, 'tenure.kind': kind };
      const answer = await inSpan(tracing, `${target} ${call}`, { kind: 'client', attributes }, work);
      told('ok');
      if (call !== 'check') worked(target, true);
      return answer;
    } catch (error) {
      told(error instanceof DomainError ? error.code : 'INTERNAL');
      if (call !== 'check' && isOfTheWhole(error)) worked(target, false);
      throw error;
    }
  };
  const { hasGroup } = connector;
  return {
    ...(hasGroup === undefined ? {} : { hasGroup: (name: string) => observed('hasGroup', () => hasGroup(name)) }),
    check: (...call) => observed('check', () => connector.check(...call)),
    list: (...call) => observed('list', () => connector.list(...call)),
    observe: (...call) => observed('observe', () => connector.observe(...call)),
    create: (...call) => observed('create', () => connector.create(...call)),
    update: (...call) => observed('update', () => connector.update(...call)),
    delete: (...call) => observed('delete', () => connector.delete(...call)),
    enable: (...call) => observed('enable', () => connector.enable(...call)),
    disable: (...call) => observed('disable', () => connector.disable(...call)),
    addMember: (...call) => observed('addMember', () => connector.addMember(...call)),
    removeMember: (...call) => observed('removeMember', () => connector.removeMember(...call)),
    close: () => connector.close(),
  };
}

/** True: the error is about the connection and not about one account, since it names the step that failed. */
function isOfTheWhole(error: unknown): boolean {
  return error instanceof DomainError && error.details['step'] !== undefined;
}
