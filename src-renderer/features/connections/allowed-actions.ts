import type { ConnectionSnapshot } from '../../../src-main/api/index.ts';

/** An action that a connection offers now; with a reason it is shown but cannot be used. */
export interface ActionState {
  readonly id:
    | 'reconnect'
    | 'park'
    | 'stay'
    | 'pause'
    | 'resume'
    | 'stop'
    | 'start'
    | 'mirror'
    | 'pause-mirror'
    | 'resume-mirror'
    | 'stop-mirror'
    | 'disconnect';
  readonly label: string;
  readonly disabledBecause: string | null;
}

/** What a person may do with a connection in its present state, in the order of the buttons. */
export function allowedActions(connection: ConnectionSnapshot, isAdmin: boolean): readonly ActionState[] {
  const role = isAdmin ? null : 'You are logged in to the source as a monitor. An administrator can do this.';
  const halted = connection.halt === null ? null : 'The connection is halted. Answer its question first.';
  const action = (id: ActionState['id'], label: string, because: string | null = null): ActionState => ({
    id,
    label,
    disabledBecause: role ?? because,
  });
  const actions: ActionState[] = [];
  if (connection.replication === 'disconnected' || connection.replication === 'parked')
    return [action('reconnect', 'Reconnect…', halted), action('disconnect', 'Disconnect…')];
  if (connection.park?.kind === 'leaving') return [action('stay', 'Do not park'), action('disconnect', 'Disconnect…')];
  switch (connection.transmission.kind) {
    case 'active':
    case 'waiting':
      actions.push(action('pause', 'Pause', halted), action('stop', 'Stop', halted));
      break;
    case 'pausing':
    case 'paused':
      actions.push(action('resume', 'Resume', halted), action('stop', 'Stop', halted));
      break;
    case 'stopped':
    case 'scheduled':
      actions.push(action('start', 'Start', halted));
      break;
  }
  switch (connection.mirror.kind) {
    case 'idle':
      actions.push(action('mirror', 'Mirror…', halted));
      break;
    case 'planning':
      actions.push(action('stop-mirror', 'Stop mirror', halted));
      break;
    case 'calculating':
    case 'mirroring':
      actions.push(action('pause-mirror', 'Pause mirror', halted), action('stop-mirror', 'Stop mirror', halted));
      break;
    case 'limited':
    case 'paused':
      actions.push(action('resume-mirror', 'Resume mirror', halted), action('stop-mirror', 'Stop mirror', halted));
      break;
  }
  actions.push(action('park', 'Park…', halted), action('disconnect', 'Disconnect…'));
  return actions;
}
