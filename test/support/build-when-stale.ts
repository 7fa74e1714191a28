import { ensureBuilt } from '../../src-main/cli/build-state.ts';

/** Vitest's global set-up for the projects that run the built program. */
export default function setup(): void {
  ensureBuilt(process.cwd(), (line) => {
    console.log(line);
  });
}
