export { PROGRAM_VERSION } from '../base/index.ts';
