/**
 * Backup windows: a replica is brought to a state that may be read, and kept there until who asked for it says that it is over. What is meant by a
 * name is in `subjects.ts`, whether it may be read in `verdict.ts`, where a window stands in `window-state.ts`, and the windows in `windows.ts`.
 */
export { BackupWindows, type BackupWindowsOptions } from './windows.ts';
export { windowsShape } from './stored.ts';
