export { answerLimit, watchAnswer } from './bounded-socket.ts';
export { codeOf } from './code-of.ts';
export { type ConnectProgress, followConnect } from './connect-progress.ts';
export { type ConnectionFields, type ConnectionReason, connectionReason, reasonText } from './connection-reasons.ts';
export { type FollowedDocument, type FollowedDocumentSettings, followDocument } from './followed-document.ts';
export { guardedLookup, isLoopbackHost, leadsInside, reachOf, refusedAddress, type Resolve } from './outbound-address.ts';
export { type ProviderRequest, ProviderUnreachable, providerFetch } from './provider-fetch.ts';
