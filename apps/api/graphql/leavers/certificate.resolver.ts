import { Inject } from '@nestjs/common';
import { Args, ID, Query, Resolver } from '@nestjs/graphql';
import { Allow, readers } from '../../access/allow.ts';
import { type ApiDependencies, dependenciesToken } from '../../server/dependencies.ts';
import { checkedId } from '../connection.ts';
import { createKeyring } from '@tenure/engine/keys';
import { type LeaverCertificate, leaverCertificate, signCertificate } from '@tenure/engine/leavers';
import { LeaverCertificateType } from './certificate.type.ts';

type CertificateView = LeaverCertificate & { readonly jws: string; readonly pdfUrl: string };

@Resolver(() => LeaverCertificateType)
export class CertificateResolver {
  constructor(@Inject(dependenciesToken) private readonly dependencies: ApiDependencies) {}

  @Query(() => LeaverCertificateType, {
    description:
      'Certificate of the deprovisioning of a person who has left: confirmed and open changes in each target. INPUT_INVALID if the person is not terminated. For administrators, operators and auditors.',
  })
  @Allow(...readers)
  async leaverCertificate(@Args('identityId', { type: () => ID, description: 'Id of the person.' }) identityId: string): Promise<CertificateView> {
    const { store, engine, clock, configuration, keyring = createKeyring(this.dependencies) } = this.dependencies;
    const id = checkedId('identityId', identityId);
    const certificate = await store.read((tx) => leaverCertificate(tx, engine, id, clock()));
    const pdfUrl = new URL(`/leavers/${id}/certificate.pdf`, configuration.url).href;
    return { ...certificate, jws: signCertificate(certificate, await keyring.signing('certificate')), pdfUrl };
  }
}
