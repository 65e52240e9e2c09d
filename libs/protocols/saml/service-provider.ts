import { METADATA, POST_BINDING, PROTOCOL } from './namespaces.ts';
import { escapeXml } from './parse-xml.ts';

/** Tenure towards one identity provider. */
export interface SamlServiceProvider {
  readonly entityId: string;
  /** Where responses are posted. */
  readonly acsUrl: string;
}

/** Our metadata (SAML metadata 2.4.4), for the identity provider's administrator to load. */
export function serviceProviderMetadata({ entityId, acsUrl }: SamlServiceProvider): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<md:EntityDescriptor xmlns:md="${METADATA}" entityID="${escapeXml(entityId)}">
  <md:SPSSODescriptor AuthnRequestsSigned="false" WantAssertionsSigned="true" protocolSupportEnumeration="${PROTOCOL}">
    <md:NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:persistent</md:NameIDFormat>
    <md:AssertionConsumerService Binding="${POST_BINDING}" Location="${escapeXml(acsUrl)}" index="0" isDefault="true"/>
  </md:SPSSODescriptor>
</md:EntityDescriptor>
`;
}
