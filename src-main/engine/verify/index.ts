/**
 * Compares trees without changing anything, and says exactly what differs: two local trees at once, or a source with what a target
 * tells of itself, as streams. Memory does not grow with the trees (only with hard links of local trees and, up to a limit, with
 * differences). Keeps the reports: lines of JSON with a hash over them.
 */
export {
  compareTrees,
  type CompareOptions,
  type CompareProgress,
  type Comparison,
  type Difference,
  type TreePair,
} from './compare-trees.ts';
export { describeSide, differingProperties, type EntrySide } from './entry-sides.ts';
export { listAllReports, readReport, reportFiles, reportsIn } from './report-store.ts';
export { ReportWriter, type ReportHead } from './report-writer.ts';
export { nextVerifyAt } from './schedule.ts';
export { Slices } from './slices.ts';
export { placeIn, Suspects, type SuspectFolder } from './suspects.ts';
export { pairAt, walkSides, type Pair, type Sides, type TargetEntry } from './walk-sides.ts';
