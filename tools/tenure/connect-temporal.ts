import { Connection } from '@temporalio/client';
import { unreachableCluster } from '@tenure/worker/cluster';
import { temporalConnection, type TemporalSettings } from '@tenure/config';

/** @throws Error in one sentence, with the reason, when no connection comes about within ten seconds */
export async function connectTemporal({
  address,
  tls = null,
  apiKey = null,
}: Partial<TemporalSettings> & Pick<TemporalSettings, 'address'>): Promise<Connection> {
  const options = temporalConnection({ address, tls, apiKey });
  try {
    return await Connection.connect({ ...options, connectTimeout: '10 seconds' });
  } catch (error) {
    throw await unreachableCluster(options, error);
  }
}
