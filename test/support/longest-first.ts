import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What takes longest on a quiet machine, from the top. All else follows in the runner's own order. */
const LONGEST = [
  'faults/property',
  'faults/every-step',
  'faults/soak',
  'faults/target-kill',
  'faults/network',
  'e2e/console-fake',
  'faults/hard-trees',
];

/** Starts the longest files of each group first: one that starts last leaves the other workers with nothing to do. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const at = LONGEST.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`));
      return at === -1 ? LONGEST.length : at;
    };
    const group = ({ project }: TestSpecification): number => project.config.sequence.groupOrder;
    return (await super.sort(files)).sort((a, b) => group(a) - group(b) || rank(a) - rank(b));
  }
}
