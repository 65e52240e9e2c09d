import type { ApiDependencies } from './dependencies.ts';

/** Milliseconds, for connections that say little. */
export const usualPatience: Required<NonNullable<ApiDependencies['patience']>> = { headers: 15_000, request: 30_000, idle: 72_000 };
