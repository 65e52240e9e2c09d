export { accessRequest } from './access-request.ts';
export { identityLifecycle } from './identity-lifecycle.ts';
export { inbox } from './inbox.ts';
export { reconcileTarget } from './reconcile-target.ts';
export { tendQuarantine } from './tend-quarantine.ts';
export { urgentProvisioning } from './urgent-provisioning.ts';
export { wave } from './wave.ts';
