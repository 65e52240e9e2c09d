export { accessRequest } from './access-request.ts';
export { identityLifecycle } from './identity-lifecycle.ts';
export { wave } from './wave.ts';
