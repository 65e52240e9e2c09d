import { jest } from '@jest/globals';
import fc from '../node_modules/fast-check/lib/fast-check.js';

// fast-check for tests (jest.config.js): it draws from the seed of the run, so that one number repeats all of it.
fc.configureGlobal({ seed: jest.getSeed() });

export * from '../node_modules/fast-check/lib/fast-check.js';
// biome-ignore lint/style/noDefaultExport: as the package has it
export default fc;
