import { Type } from '@mikro-orm/core';
import type { Instant } from '@tenure/domain';

/** Type of instants: timestamptz in the database, RFC 3339 in UTC with milliseconds outside of it. */
export class InstantType extends Type<Instant, string> {
  override convertToDatabaseValue(value: Instant): string {
    return value;
  }
  override convertToJSValue(value: unknown): Instant {
    return value instanceof Date
      ? value.toISOString()
      : value === null || value === undefined
        ? (value as unknown as Instant)
        : new Date(value as string).toISOString();
  }
  override getColumnType(): string {
    return 'timestamptz(3)';
  }
  override compareAsType(): string {
    return 'string';
  }
}
