export * from './account.ts';
export * from './errors.ts';
export * from './facts.ts';
export * from './lifecycle.ts';
export * from './policy.ts';
