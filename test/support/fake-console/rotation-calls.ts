import type { CallInput } from '../../../src-main/api/index.ts';
import type { ServiceAt } from './service-calls.ts';

/** What alpha answers of its rotations; the other servers have none. */
export const rotationCalls = {
  'rotation.list': ({ world, serverId }: ServiceAt) => (serverId === 'alpha' ? world.turns.rotations.list() : []),
  'rotation.create': ({ world }: ServiceAt, { name }: CallInput<'rotation.create'>) => world.turns.rotations.create(name),
  'rotation.delete': async ({ world }: ServiceAt, { rotation }: CallInput<'rotation.delete'>) => {
    await world.turns.rotations.delete(rotation);
    return null;
  },
  'rotation.add-slot': ({ world }: ServiceAt, input: CallInput<'rotation.add-slot'>) => world.turns.rotations.addSlot(input),
  'rotation.remove-slot': ({ world }: ServiceAt, input: CallInput<'rotation.remove-slot'>) =>
    world.turns.rotations.removeSlot(input),
  'rotation.configure': ({ world }: ServiceAt, input: CallInput<'rotation.configure'>) => world.turns.rotations.configure(input),
  'rotation.run-now': ({ world }: ServiceAt, input: CallInput<'rotation.run-now'>) => world.turns.rotations.runNow(input),
  'rotation.skip-next': ({ world }: ServiceAt, { rotation }: CallInput<'rotation.skip-next'>) =>
    world.turns.rotations.skipNext(rotation),
  'rotation.preview': ({ world }: ServiceAt, input: CallInput<'rotation.preview'>) => world.turns.rotations.preview(input),
  'rotation.preview-draft': ({ world }: ServiceAt, input: CallInput<'rotation.preview-draft'>) =>
    world.turns.rotations.previewDraft(input),
  'rotation.use': ({ world }: ServiceAt, input: CallInput<'rotation.use'>) => world.turns.rotations.use(input, 'console'),
  'rotation.release': ({ world }: ServiceAt, input: CallInput<'rotation.release'>) => world.turns.rotations.release(input),
};
