import { FsWatchCapture } from '../../../src-main/engine/capture/index.ts';
import { captureConformance } from './conformance.ts';

captureConformance('fs.watch', (options) => new FsWatchCapture(options), {
  overflows: null,
  pairsRenames: false,
  hasThread: true,
});
