import type { ConnectionSettings } from '../../../api/index.ts';
import { CommonCut } from './common-cut.ts';
import { Freezing } from './hooks/freezing.ts';
import type { FromSource } from './source-protocol.ts';

/** Whoever makes cuts asks the main thread through these: for an application at rest, and for a cut that another connection has as well. */
export function cutHelpers(
  hooks: () => ConnectionSettings['hooks'],
  post: (message: FromSource) => void,
): { readonly freezing: Freezing; readonly common: CommonCut } {
  return {
    freezing: new Freezing({
      settings: hooks,
      ask: (barrier, why, common) => post({ kind: 'freeze', barrier, why, common }),
      end: (barrier, cut) => post({ kind: 'thaw', barrier, cut }),
    }),
    common: new CommonCut({ report: (report) => post({ kind: 'common-cut', report }) }),
  };
}
