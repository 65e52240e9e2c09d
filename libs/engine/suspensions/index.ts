export { type WantedSuspension, resumeProvisioning, suspendProvisioning } from './suspend-provisioning.ts';
export { suspendProvisioningAs } from './suspend-provisioning-as.ts';
