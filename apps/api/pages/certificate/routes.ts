import '@fastify/cookie';
import { DomainError, Forbidden, NotFound, Unauthenticated } from '@tenure/domain';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { readers } from '../../access/allow.ts';
import type { Authenticate, Caller } from '@tenure/engine/callers';
import { credentialOf, sessionCookieName } from '../../access/credential.ts';
import type { Refusals } from '../../access/refusals.ts';
import type { ApiDependencies } from '../../server/dependencies.ts';
import { checkedId } from '../../graphql/connection.ts';
import type { Keyring } from '@tenure/engine/keys';
import { leaverCertificate, signCertificate } from '@tenure/engine/leavers';
import { certificatePdf } from './certificate-pdf.ts';

/** The certificate on paper, for those who may read everything, and the public keys for anybody who wants to check one. */
export function registerCertificateRoutes(
  fastify: FastifyInstance,
  { store, engine, configuration, clock }: ApiDependencies,
  authenticate: Authenticate,
  refusals: Refusals,
  keyring: Keyring,
): void {
  const cookieName = sessionCookieName(configuration.url);

  fastify.get('/certificates/keys', async (_request, reply) => {
    const keys = (await keyring.published('certificate')).map(({ id, algorithm, publicJwk }) => ({ ...publicJwk, kid: id, alg: algorithm, use: 'sig' }));
    return reply.type('application/jwk-set+json').header('cache-control', 'public, max-age=3600').send(JSON.stringify({ keys }));
  });

  fastify.get<{ Params: { identityId: string } }>('/leavers/:identityId/certificate.pdf', async (request, reply) => {
    const credential = credentialOf(request, cookieName);
    const caller = credential === null ? null : await authenticate(credential.token);
    try {
      mustBeReader(caller);
      const id = checkedId('identityId', request.params.identityId);
      const certificate = await store.read((tx) => leaverCertificate(tx, engine, id, clock()));
      const key = await keyring.signing('certificate');
      const pdf = await certificatePdf(certificate, signCertificate(certificate, key), key.id);
      return await reply
        .type('application/pdf')
        .header('cache-control', 'no-store')
        .header('content-disposition', `attachment; filename="leaver-${id}.pdf"`)
        .send(pdf);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      if (credential !== null && (error instanceof Unauthenticated || error instanceof Forbidden))
        refusals.note(request, { caller, code: error.code, at: 'GET /leavers/:identityId/certificate.pdf' });
      return refuse(reply, error);
    }
  });
}

/** @throws Unauthenticated @throws Forbidden */
function mustBeReader(caller: Caller | null): void {
  if (caller === null) throw new Unauthenticated('a valid session or service token is needed');
  if (!readers.some((role) => caller.roles.has(role))) throw new Forbidden(`a certificate needs one of: ${readers.join(', ')}`);
}

function refuse(reply: FastifyReply, error: DomainError): FastifyReply {
  const status = error instanceof Unauthenticated ? 401 : error instanceof Forbidden ? 403 : error instanceof NotFound ? 404 : 400;
  return reply.code(status).send({ error: error.message, code: error.code });
}
