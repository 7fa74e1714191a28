import { resolve } from 'node:path';
import { build } from './build-state.ts';

/** `npm run build`: everything under `dist`, whether or not it is stale. */
try {
  build(resolve(import.meta.dirname, '../..'));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
