import './jest-global-setup.ts'; // declares the global

/** Jest's `globalTeardown`: stops the servers after the last test file. */
export default async function tearDown(): Promise<void> {
  await globalThis.tenureTestServices?.stop();
}
