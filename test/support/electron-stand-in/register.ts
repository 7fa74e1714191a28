import { registerHooks } from 'node:module';

/** Loaded before the built shell: its `electron` becomes the stand-in beside this file. */
registerHooks({
  resolve(specifier, context, nextResolve) {
    if (specifier === 'electron') return { url: new URL('./module.ts', import.meta.url).href, shortCircuit: true };
    return nextResolve(specifier, context);
  },
});
