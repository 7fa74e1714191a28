import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { lastingPort } from '../../../src-main/cli/lasting-port.ts';

test('a port is free, and none that outgoing connections get', async () => {
  const port = await lastingPort('127.0.0.1');
  expect(port).toBeGreaterThan(1024);
  if (process.platform === 'linux') {
    const outgoing = Number.parseInt(readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8'), 10);
    expect(port).toBeLessThan(outgoing);
  }
  const server = createServer().listen(port, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
});

test('where no port can be had the system is to choose, and to say what is wrong', async () => {
  // An address of documentation, which no machine has.
  expect(await lastingPort('192.0.2.1')).toBe(0);
});

test('nobody gets one that somebody was given and does not use yet', async () => {
  const ports = await Promise.all(Array.from({ length: 500 }, () => lastingPort('127.0.0.1')));
  expect(new Set(ports).size).toBe(500);
});
