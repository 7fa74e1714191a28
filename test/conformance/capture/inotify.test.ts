import { InotifyCapture } from '../../../src-main/engine/capture/index.ts';
import { captureConformance } from './conformance.ts';

captureConformance('inotify', (options) => new InotifyCapture(options), { overflows: true, pairsRenames: true });
