/**
 * The headless daemon: owns a data folder (identity, accounts, sets, connections, replicas, messages, audit, log), runs the engine for it and
 * answers the calls of `api/`. Everything that a person decided is on disk before the engine acts on it. See README.md.
 */
export { createLog } from './create-log.ts';
export { startEmbeddedService } from './embedded.ts';
export { initDataFolder, isInitialised } from './init.ts';
export { DEFAULT_CONTROL_PORT, DEFAULT_DATA_PORT, startService, type Service, type ServiceOptions } from './service.ts';
export { parseVolume } from './volumes.ts';
export { PROGRAM_VERSION } from './version.ts';
