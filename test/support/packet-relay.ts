import { openSync, read, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { loadLibc } from '../../src-main/engine/fs/index.ts';
import type { Weather } from './lossy-network.ts';

/** A program: makes two tunnel devices with the names given and carries packets from each to the other. Takes the weather from standard input. */
const TUNSETIFF = 0x4004_54ca;
const IFF_TUN = 0x0001;
const IFF_NO_PI = 0x1000;
const PACKET_BYTES = 65_536;

let weather: Weather = { loss: 0, delayMs: 0, isDown: false };

function openTunnel(name: string): number {
  const libc = loadLibc();
  if (libc === null) throw new Error('no native calls');
  const fd = openSync('/dev/net/tun', 'r+');
  const request = Buffer.alloc(40);
  request.write(name, 0, 'latin1');
  request.writeUInt16LE(IFF_TUN | IFF_NO_PI, 16);
  if (libc.bind('int ioctl(int fd, unsigned long request, uint8_t *argument)')(fd, TUNSETIFF, request) !== 0) {
    throw new Error(`no tunnel device ${name}: errno ${libc.errno()}`);
  }
  return fd;
}

function carry(from: number, to: number): void {
  read(from, Buffer.allocUnsafe(PACKET_BYTES), 0, PACKET_BYTES, null, (error, length, packet) => {
    if (error === null && !weather.isDown && Math.random() >= weather.loss) {
      setTimeout(() => {
        try {
          writeSync(to, packet, 0, length);
        } catch {
          // The device is not up yet, or its buffer is full: a network loses packets.
        }
      }, weather.delayMs);
    }
    // A device that is not up yet cannot be read.
    if (error === null) carry(from, to);
    else setTimeout(carry, 20, from, to);
  });
}

const [ours = '', theirs = ''] = process.argv.slice(2);
const [a, b] = [openTunnel(ours), openTunnel(theirs)];
carry(a, b);
carry(b, a);
createInterface(process.stdin).on('line', (line) => {
  weather = { ...weather, ...(JSON.parse(line) as Partial<Weather>) };
});
console.log('ready');
