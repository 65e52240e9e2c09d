import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openTracing } from './open-tracing.ts';
import { currentTraceparent, logScope, withCorrelation } from './scope.ts';
import { type OtlpReceiver, startOtlpReceiver } from './testing.ts';
import { inSpan, noTracing } from './tracing.ts';

let receiver: OtlpReceiver;
beforeAll(async () => {
  receiver = await startOtlpReceiver();
});
afterAll(() => receiver.close());

describe('tracing', () => {
  it('goes on from a span of another process, across awaits, and tells failures by their code', async () => {
    const tracing = await openTracing({ endpoint: receiver.url, service: 'tenure-test' });
    const parent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const failing = inSpan(tracing, 'outer', { kind: 'server', parent }, async () => {
      await Promise.resolve();
      await inSpan(tracing, 'inner', { attributes: { 'tenure.target': 'crm' } }, async (span) => expect(currentTraceparent()).toBe(span.traceparent));
      throw Object.assign(new Error('ada@example.com was refused'), { code: 'CONNECTOR_REFUSED' });
    });
    await expect(failing).rejects.toThrow('refused');
    await tracing.shutdown();
    const [outer, inner] = ['outer', 'inner'].map((name) => receiver.spans.find((span) => span.name === name));
    expect(outer).toMatchObject({ traceId: '0af7651916cd43dd8448eb211c80319c', parentSpanId: 'b7ad6b7169203331', service: 'tenure-test' });
    expect(outer?.attributes).toEqual({ 'error.type': 'CONNECTOR_REFUSED' });
    expect(inner).toMatchObject({ traceId: outer?.traceId, parentSpanId: outer?.spanId, attributes: { 'tenure.target': 'crm' } });
    expect(receiver.text()).not.toContain('ada@example.com');
  });

  it('does nothing where no endpoint is set', async () => {
    const tracing = await openTracing({ endpoint: null, service: 'tenure-test' });
    expect(tracing).toBe(noTracing);
    expect(await inSpan(tracing, 'nothing', {}, async ({ traceparent }) => [traceparent, currentTraceparent()])).toEqual([null, null]);
  });

  it('gives log lines the id of the request and of the trace', async () => {
    const tracing = await openTracing({ endpoint: receiver.url, service: 'tenure-test' });
    const lines = await withCorrelation('request-1', () => inSpan(tracing, 'logging', {}, async () => logScope()));
    expect(lines).toEqual({ correlation: 'request-1', trace: expect.stringMatching(/^[0-9a-f]{32}$/) });
    expect(logScope()).toEqual({});
    await tracing.shutdown();
  });
});
