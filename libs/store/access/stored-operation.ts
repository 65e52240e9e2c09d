import type { Operation } from '@tenure/domain';

export interface StoredOperation extends Operation {
  /** Why it was planned: grants with their origins, or the lifecycle's reason. No personal data. */
  readonly reason: Readonly<Record<string, unknown>>;
  readonly correlationId: string;
  readonly position: number;
}
