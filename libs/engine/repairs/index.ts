export { accountsMoved } from './merge-identities.ts';
export { approveRepair, discardRepair, planRepair, type RepairDecision, repairAs } from './repair-as.ts';
