import type { TargetConnector } from '@tenure/connectors';
import { DomainError } from '@tenure/domain';
import { inSpan, type Metrics, type Tracing } from '@tenure/telemetry';

/** Counts, times and traces each call to a target: by its name and the call's, never by whom it is about. */
export function observeTarget(
  target: string,
  kind: string,
  connector: TargetConnector,
  metrics: Pick<Metrics, 'targetCall'>,
  tracing: Tracing,
): TargetConnector {
  const observed = async <T>(call: string, work: () => Promise<T>): Promise<T> => {
    const begun = performance.now();
    const told = (result: string): void => metrics.targetCall(target, call, result, performance.now() - begun);
    try {
      const attributes = { 'tenure.target': target, 'tenure.kind': kind };
      const answer = await inSpan(tracing, `${target} ${call}`, { kind: 'client', attributes }, work);
      told('ok');
      return answer;
    } catch (error) {
      told(error instanceof DomainError ? error.code : 'INTERNAL');
      throw error;
    }
  };
  return {
    check: () => observed('check', () => connector.check()),
    list: (page) => observed('list', () => connector.list(page)),
    observe: (ref, memberships) => observed('observe', () => connector.observe(ref, memberships)),
    create: (account) => observed('create', () => connector.create(account)),
    update: (ref, attributes, externalId) => observed('update', () => connector.update(ref, attributes, externalId)),
    delete: (ref) => observed('delete', () => connector.delete(ref)),
    enable: (ref) => observed('enable', () => connector.enable(ref)),
    disable: (ref) => observed('disable', () => connector.disable(ref)),
    addMember: (entitlement, ref) => observed('addMember', () => connector.addMember(entitlement, ref)),
    removeMember: (entitlement, ref, groupId) => observed('removeMember', () => connector.removeMember(entitlement, ref, groupId)),
    close: () => connector.close(),
  };
}
