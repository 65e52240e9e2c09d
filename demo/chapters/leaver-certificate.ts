import { createPublicKey, type JsonWebKey, verify } from 'node:crypto';
import type { Stage } from '../stage.ts';

/** Certificate about a person's end, as in GraphQL. */
export interface LeaverCertificate {
  readonly isComplete: boolean;
  readonly endedAt: string;
  readonly sessionsEnded: number;
  readonly jws: string;
  readonly pdfUrl: string;
  readonly applicationSessions: readonly { readonly application: string; readonly outcome: string; readonly openUntil: string | null }[];
  readonly targets: readonly {
    readonly title: string;
    readonly outcome: string;
    readonly confirmedAt: string | null;
    readonly observations: readonly { readonly at: string; readonly observed: string; readonly matchesDesired: boolean }[];
  }[];
}

/** Reads the certificate of a person. */
export async function leaverCertificate({ reader }: Stage, identityId: string): Promise<LeaverCertificate> {
  const query = `query ($id: ID!) { leaverCertificate(identityId: $id) {
    isComplete endedAt sessionsEnded jws pdfUrl applicationSessions { application outcome openUntil } targets { title outcome confirmedAt observations { at observed matchesDesired } } } }`;
  return (await reader.ask<{ leaverCertificate: LeaverCertificate }>(query, { id: identityId })).leaverCertificate;
}

/** True if a certificate is signed by the key that Tenure publishes (RFC 7515, EdDSA): anybody who is given one can check this. */
export async function isSigned({ tenure }: Stage, jws: string): Promise<boolean> {
  const response = await fetch(`${tenure.url}/certificates/keys`);
  const { keys } = (await response.json()) as { readonly keys: readonly JsonWebKey[] };
  const [header = '', payload = '', signature = ''] = jws.split('.');
  const signed = Buffer.from(`${header}.${payload}`);
  return keys.some((key) => verify(null, signed, createPublicKey({ key, format: 'jwk' }), Buffer.from(signature, 'base64url')));
}
