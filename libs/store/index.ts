export type { Access, OperationAttempt, StoredAccount, StoredGrant, StoredOperation } from './access.ts';
export { describeChange } from './access.ts';
export type { ActContext, Actor, Audit, AuditEntry, AuditEvent, AuditFilter } from './audit.ts';
export type { Case, CaseKind, Cases, NewCase } from './cases.ts';
export type { Identities, IdentityFilter, LoginSubject, StoredIdentity, StoredRecord } from './identities.ts';
export { migrate, openStore, type Store, type StoreSettings, type Transaction } from './open-store.ts';
export type { Outbox, OutboxMessage, Trigger } from './outbox.ts';
export { hashToken, type LoginRequest, type ServiceToken, type Session, type Sessions } from './sessions.ts';
export { createVault, type Vault } from './vault.ts';
