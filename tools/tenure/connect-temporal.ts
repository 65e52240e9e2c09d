import { Connection } from '@temporalio/client';

/** @throws Error in one sentence when nothing answers there within ten seconds */
export async function connectTemporal(address: string): Promise<Connection> {
  try {
    return await Connection.connect({ address, connectTimeout: '10 seconds' });
  } catch (error) {
    throw new Error(`Temporal does not answer at ${address}: is it running, and is TEMPORAL_ADDRESS right?`, { cause: error });
  }
}
