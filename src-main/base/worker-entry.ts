/** Where a worker thread's code is: beside the sources when run as TypeScript, `dist/main/<name>.js` when built. */
export function workerEntry(
  name:
    | 'capture-worker'
    | 'shared-capture-worker'
    | 'watch-worker'
    | 'source-worker'
    | 'scout-worker'
    | 'target-worker'
    | 'calculate-worker'
    | 'certificate-worker'
    | 'snapshot-worker',
): URL {
  const here = import.meta.url;
  if (here.endsWith('.ts')) return new URL(`../engine/connection/workers/${name}.ts`, here);
  const root = here.slice(0, here.lastIndexOf('/dist/main/') + '/dist/main/'.length);
  return new URL(`${name}.js`, root);
}
