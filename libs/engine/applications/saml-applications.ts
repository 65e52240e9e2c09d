import type { Configuration, SamlApplicationSettings } from '@tenure/config';
import { type Instant, LoginRefused } from '@tenure/domain';
import { addressesOf, parseApplicationMetadata, type SamlApplicationMetadata } from '@tenure/federation';
import { type FollowedDocument, followDocument, refusedAddress } from '@tenure/outbound';

/** A SAML application of tenure.yaml, with its metadata. */
export interface SamlApplication {
  readonly settings: SamlApplicationSettings;
  readonly metadata: FollowedDocument<SamlApplicationMetadata>;
}

/** SAML applications of the configuration. Nothing is fetched until it is used, or `prepare` is called. */
export interface SamlApplications {
  readonly byName: ReadonlyMap<string, SamlApplication>;
  /** Application whose metadata has this entity id; `null`: none has. Where none has, all are looked at again, but not at each stranger's wish. */
  withEntityId(entityId: string, now: Instant): Promise<SamlApplication | null>;
  /** Looks for all metadata ahead. Settles when all have answered or failed. */
  prepare(): Promise<void>;
  /** Documents that another configuration continues to follow, so that they are not stopped. */
  readonly lent: Set<object>;
  stop(): void;
}

/**
 * Begins to follow the metadata of SAML applications.
 * @param onProblem called for each look that failed; the last good metadata stays
 * @param former those of the previous configuration version: an application whose metadata is at the same place keeps what was fetched
 */
export function followSamlApplications(
  { applications }: Pick<Configuration, 'applications'>,
  onProblem: (application: string, error: Error) => void,
  former?: SamlApplications,
): SamlApplications {
  const lent = new Set<object>();
  const byName = new Map<string, SamlApplication>();
  for (const settings of Object.values(applications)) {
    if (settings.protocol !== 'saml') continue;
    const kept = former?.byName.get(settings.name);
    const isSame = kept !== undefined && kept.settings.metadata === settings.metadata;
    if (isSame) former?.lent.add(kept.metadata);
    byName.set(settings.name, { settings, metadata: isSame ? kept.metadata : follow(settings, (error) => onProblem(settings.name, error)) });
  }
  const all = [...byName.values()];
  const find = (entityId: string, now: Instant): SamlApplication | null => all.find(({ metadata }) => metadata.known(now)?.entityId === entityId) ?? null;
  return {
    byName,
    lent,
    async withEntityId(entityId, now) {
      const found = find(entityId, now);
      if (found !== null) return found;
      // An application may have changed its entity id, or not been there when this process started.
      const changed = await Promise.all(all.map(({ metadata }) => metadata.refresh(now)));
      return changed.includes(true) ? find(entityId, now) : null;
    },
    async prepare() {
      await Promise.all(all.map(({ metadata }) => metadata.prepare()));
    },
    stop() {
      for (const { metadata } of all) if (!lent.has(metadata)) metadata.stop();
    },
  };
}

function follow({ metadata: location }: SamlApplicationSettings, onProblem: (error: Error) => void): FollowedDocument<SamlApplicationMetadata> {
  return followDocument({
    location,
    accept: 'application/samlmetadata+xml, application/xml;q=0.9, text/xml;q=0.8',
    parse: (text, now, home) => {
      const metadata = parseApplicationMetadata(text, now);
      // Addresses to which browsers and requests are sent have to be as safe as the one of the document.
      for (const address of addressesOf(metadata)) {
        const refused = refusedAddress(new URL(address), home ?? new URL(address));
        if (refused !== null) throw new Error(`${new URL(address).origin}: ${refused}`);
      }
      return metadata;
    },
    validUntil: ({ validUntil }) => validUntil,
    fingerprint: ({ entityId, signingCertificates }) => [entityId, ...signingCertificates.map(({ pem }) => pem)].join(),
    unavailable: () => new LoginRefused('provider-unreachable', 'there is no valid metadata of the application'),
    onProblem,
  });
}
