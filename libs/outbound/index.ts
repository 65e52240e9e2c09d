export { connectionReason, reasonText } from './connection-reasons.ts';
export { codeOf } from './error-code.ts';
export { type Resolve, guardedLookup, isLoopbackHost, refusedAddress } from './outbound-address.ts';
export { ProviderUnreachable, providerFetch } from './provider-fetch.ts';
