export { identityLifecycle } from './identity-lifecycle.ts';
export { wave } from './wave.ts';
