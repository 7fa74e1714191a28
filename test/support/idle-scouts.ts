import type { Scouts } from '../../src-main/engine/connection/source/scout.ts';

/** Nobody goes before the walks of a test that does not ask for it. */
export const idleScouts: Scouts = { ofWalk: () => ({ look: () => undefined, read: () => undefined }) };
