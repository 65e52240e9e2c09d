import type { LoginRefusal } from '@tenure/domain';
import { soapEnvelope } from '@tenure/federation';

/** SOAP 1.1 fault for a message whose sender is not proven. @param reference id of the request, under which the log has it */
export function soapFault(reason: LoginRefusal, reference: string): string {
  const fault = reason === 'provider-unreachable' ? 'soap:Server' : 'soap:Client';
  return soapEnvelope(
    `<soap:Fault><faultcode>${fault}</faultcode><faultstring>${reason}, reference ${reference.replace(/[^\w.-]/g, '')}</faultstring></soap:Fault>`,
  );
}
