export { createKeyring, type Keyring, type SignatureKey } from './keyring.ts';
