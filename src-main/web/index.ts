/**
 * The console for a browser on this machine: pages and one WebSocket, on loopback only, for whoever holds the one-time address that the
 * terminal printed. See README.md.
 */
export { builtRendererFolder } from './renderer-folder.ts';
export { runWebConsole, type WebConsoleOptions } from './run-web-console.ts';
export { startWebServer, USUAL_WEB_PORT, type WebServer } from './web-server.ts';
