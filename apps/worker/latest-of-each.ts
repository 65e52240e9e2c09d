import type { OutboxMessage } from '@tenure/store';

/**
 * Messages, one for each identity lifecycle and request: the last one, or the last human decision where there is one, since that asks for an attempt
 * at once and is urgent where the others may not be.
 */
export function latestOfEach(messages: readonly OutboxMessage[]): readonly OutboxMessage[] {
  const latest = new Map<string, OutboxMessage>();
  for (const message of messages) {
    const key = message.requestId ?? message.identityId;
    const before = latest.get(key);
    const urgent = message.urgent || before?.urgent === true;
    latest.set(key, { ...(before?.trigger === 'decision' && message.trigger !== 'decision' ? before : message), urgent });
  }
  return [...latest.values()];
}
