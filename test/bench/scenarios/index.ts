import { beside } from './beside.ts';
import { connections } from './connections.ts';
import { largeChange } from './large-change.ts';
import { live } from './live.ts';
import { mirrorScenarios } from './mirrors.ts';
import { reconnect } from './reconnect.ts';
import { resources } from './resources.ts';
import { scaling } from './scaling.ts';
import type { Scenario } from './scenario.ts';
import { writers } from './writers.ts';

/** What is measured, in the order in which it is. */
export const scenarios: readonly Scenario[] = [
  ...mirrorScenarios,
  largeChange,
  beside,
  live,
  reconnect,
  connections,
  resources,
  writers,
];

/** What takes an hour and much room, and is measured only when asked for. */
export const scalingScenario: Scenario = scaling;

export { fullSizes, quickSizes, type Context, type Scenario, type Sizes } from './scenario.ts';
