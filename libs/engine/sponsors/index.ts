export { type Extension, extendContract } from './extend-contract.ts';
