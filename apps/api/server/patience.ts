import type { ApiDependencies } from './dependencies.ts';

/** Timeouts in milliseconds, for slow connections. */
export const usualPatience: Required<NonNullable<ApiDependencies['patience']>> = { headers: 15_000, request: 30_000, idle: 72_000 };
