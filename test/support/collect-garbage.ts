import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Drops whatever nothing refers to, so that a test can see what something still holds. */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}
