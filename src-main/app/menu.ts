import type { MenuItemConstructorOptions } from 'electron';

export interface MenuActions {
  readonly open: () => void;
  readonly quit: () => void;
}

/** The application menu. Roles bring each system's own words and keys; zoom and full screen matter on a console that hangs on a wall. */
export function applicationMenu(platform: NodeJS.Platform, actions: MenuActions): MenuItemConstructorOptions[] {
  const view: MenuItemConstructorOptions = {
    label: '&View',
    submenu: [
      { role: 'resetZoom' },
      { role: 'zoomIn' },
      { role: 'zoomOut' },
      { type: 'separator' },
      { role: 'togglefullscreen' },
      { type: 'separator' },
      { role: 'reload' },
      { role: 'toggleDevTools' },
    ],
  };
  if (platform === 'darwin') return [{ role: 'appMenu' }, { role: 'editMenu' }, view, { role: 'windowMenu' }];
  const file: MenuItemConstructorOptions = {
    label: '&Understudy',
    submenu: [
      { label: 'Close window', role: 'close' },
      { type: 'separator' },
      { label: 'Quit: stops replication from this machine', accelerator: 'CommandOrControl+Q', click: actions.quit },
    ],
  };
  return [file, { role: 'editMenu' }, view];
}

/** The tray's menu: what is true now, then what can be done. */
export function trayMenu(stateText: string, actions: MenuActions): MenuItemConstructorOptions[] {
  return [
    { label: stateText, enabled: false },
    { type: 'separator' },
    { label: 'Open the console', click: actions.open },
    { label: 'Quit: stops replication from this machine', click: actions.quit },
  ];
}
