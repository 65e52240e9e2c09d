export { createKeyring, type Keyring, type SignatureKey } from './keyring.ts';
export { KEY_PURPOSES, type KeyRules, keyRules, type UsedPurpose } from './key-rules.ts';
export { activatesAt, nextTurns, replacedAt } from './next-turns.ts';
export { type KeySettings, retireKey, rotateKey, turnKeys } from './turn-keys.ts';
