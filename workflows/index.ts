export { identityLifecycle } from './identity-lifecycle.ts';
