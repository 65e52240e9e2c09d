import { TestWorkflowEnvironment } from '@temporalio/testing';

// Run as a program of its own, with the directory as argument. The SDK downloads the Temporal CLI for its test
// environment only; here it cannot be stopped halfway, and it brings a runtime that catches signals.
const environment = await TestWorkflowEnvironment.createLocal({
  server: { executable: { type: 'cached-download', downloadDir: process.argv[2] ?? '.' } },
});
await environment.teardown();
