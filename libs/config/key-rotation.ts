import { durationToMilliseconds } from '@tenure/domain';
import type { KeyRotation, KeyRotationPurpose } from './configuration.ts';
import type { RawTenure } from './raw-tenure.ts';

/** Default rotation, as ISO 8601 durations. Readers of SAML metadata often take a new certificate by hand; those of a JWK Set fetch it themselves. */
export const KEY_ROTATION_DEFAULTS: Readonly<Record<KeyRotationPurpose, { readonly rotateEvery: string; readonly publishBefore: string }>> = {
  saml: { rotateEvery: 'P365D', publishBefore: 'P30D' },
  oidc: { rotateEvery: 'P90D', publishBefore: 'P7D' },
  certificate: { rotateEvery: 'P365D', publishBefore: 'P1D' },
};

/** Reads the rotation of keys, with the default for each setting that is absent. */
export function readKeyRotation(raw: RawTenure['keys'] = {}): Readonly<Record<KeyRotationPurpose, KeyRotation>> {
  const of = (purpose: KeyRotationPurpose): KeyRotation => {
    const { rotateEvery, publishBefore } = { ...KEY_ROTATION_DEFAULTS[purpose], ...raw[purpose] };
    return {
      rotateEvery: rotateEvery === 'never' ? null : (durationToMilliseconds(rotateEvery) ?? 0),
      publishBefore: durationToMilliseconds(publishBefore) ?? 0,
    };
  };
  return { saml: of('saml'), oidc: of('oidc'), certificate: of('certificate') };
}

export const KEY_ROTATION = readKeyRotation();
