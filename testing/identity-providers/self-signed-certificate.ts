export { createSigningKey, type SigningKey } from '@tenure/federation';
