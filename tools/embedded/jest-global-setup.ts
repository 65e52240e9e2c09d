import { startTestServices, type TestServices } from './test-services.ts';

declare global {
  /** Handed from the setup to the teardown, which Jest may load apart from each other. */
  var tenureTestServices: TestServices | undefined;
}

/** Jest's `globalSetup`: starts the servers before the first test file. */
export default async function setUp(): Promise<void> {
  globalThis.tenureTestServices = await startTestServices();
}
