// @ts-check
import { setSourceMapsSupport } from 'node:module';

// node --import <this>: stacks name the lines of the sources. Only of our own code: the maps of all packages would take a quarter more memory.
setSourceMapsSupport(true, { nodeModules: false, generatedCode: false });
