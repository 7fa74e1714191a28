import { createServer as createPlainServer } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { once } from 'node:events';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import type { Update } from '../../../src-main/api/index.ts';
import { openControlSession, probe } from '../../../src-main/control/index.ts';
import { createIdentity } from '../../../src-main/service/create-identity.ts';
import { eventually } from '../../support/eventually.ts';
import { HandClock } from '../../support/hand-clock.ts';
import { ADMIN, startTestService } from '../../support/start-test-service.ts';

const coded = (code: string, details?: object) =>
  expect.objectContaining({ code, ...(details ? { details: expect.objectContaining(details) as object } : {}) }) as Error;

describe('a control session over TLS', () => {
  test('logs in, calls and gets updates', async () => {
    const { dial, service } = await startTestService();
    const session = await dial();
    expect(session.peer).toEqual({ name: 'alpha', version: service.info.version, fingerprint: service.info.fingerprint });
    const updates: Update[] = [];
    session.onUpdate((update) => updates.push(update));
    await expect(session.call('session.login', ADMIN)).resolves.toMatchObject({
      user: 'eva',
      role: 'admin',
      server: { name: 'alpha' },
    });
    await session.call('set.create', { name: 'Docs' });
    await eventually('an update of the sets', () => updates.some(({ name }) => name === 'sets'));
  });

  test('before a login only the server’s own description is told, and no update', async () => {
    const { dial, session: inside } = await startTestService();
    const session = await dial();
    const updates: Update[] = [];
    session.onUpdate((update) => updates.push(update));
    await expect(session.call('server.info', null)).resolves.toMatchObject({ name: 'alpha' });
    await expect(session.call('set.list', null)).rejects.toThrow(coded('not-logged-in'));
    await inside.call('set.create', { name: 'Docs' });
    await session.call('server.info', null);
    expect(updates).toEqual([]);
  });

  test('a wrong fingerprint is refused before anything is sent, and both are shown', async () => {
    const { service } = await startTestService();
    const pin = Array.from({ length: 32 }, () => 'AB').join(':');
    const found = service.info.fingerprint;
    await expect(openControlSession({ ...service.control, fingerprint: pin })).rejects.toThrow(
      coded('fingerprint-mismatch', { expected: pin, found }),
    );
  });

  test('an impostor with the right port receives not one byte of application data', async () => {
    const { keyPem, certificatePem } = await createIdentity('impostor');
    let received = 0;
    const impostor = createTlsServer({ key: keyPem, cert: certificatePem }, (socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (bytes) => (received += (bytes as Buffer).length));
    }).listen(0, '127.0.0.1');
    onTestFinished(() => void impostor.close());
    await once(impostor, 'listening');
    const { port } = impostor.address() as { port: number };
    const pin = Array.from({ length: 32 }, () => 'AB').join(':');
    await expect(openControlSession({ host: '127.0.0.1', port, fingerprint: pin })).rejects.toThrow(
      coded('fingerprint-mismatch'),
    );
    expect(received).toBe(0);
  });

  test('a first contact tells who answers', async () => {
    const { service } = await startTestService();
    await expect(probe(service.control.host, service.control.port)).resolves.toEqual({
      name: 'alpha',
      version: service.info.version,
      fingerprint: service.info.fingerprint,
    });
  });

  test('an unknown host, a closed port, a silent one and one of another program are told apart', async () => {
    const silent = createPlainServer(() => undefined).listen(0, '127.0.0.1');
    const chatty = createPlainServer((socket) => {
      socket.on('error', () => undefined);
      socket.end('220 mail\r\n');
    }).listen(0, '127.0.0.1');
    await Promise.all([once(silent, 'listening'), once(chatty, 'listening')]);
    onTestFinished(() => {
      silent.close();
      chatty.close();
    });
    const portOf = (server: typeof silent) => (server.address() as { port: number }).port;
    await expect(probe('no-such-host.invalid', 1)).rejects.toThrow(coded('host-unknown'));
    await expect(probe('127.0.0.1', 1)).rejects.toThrow(coded('unreachable', { host: '127.0.0.1', port: 1 }));
    await expect(probe('127.0.0.1', portOf(silent), { timeoutMs: 200 })).rejects.toThrow(coded('timeout'));
    await expect(probe('127.0.0.1', portOf(chatty))).rejects.toThrow(coded('protocol-error'));
  });

  test('a client of another version is told the service’s version and let go', async () => {
    const { service } = await startTestService();
    const socket = new WebSocket(`wss://127.0.0.1:${service.control.port}/control`, { rejectUnauthorized: false });
    await once(socket, 'open');
    socket.send(JSON.stringify({ hello: { version: 99, client: 'test', extra: true } }));
    const [data] = (await once(socket, 'message')) as [Buffer];
    expect(JSON.parse(data.toString())).toMatchObject({ hello: { version: 1, name: 'alpha' } });
    const [code] = (await once(socket, 'close')) as [number];
    expect(code).toBe(1008);
  });

  test.each(['{"id":1,"call":"set.list","input":null}', 'nonsense', '{"hello":{}}'])(
    'a line that does not begin with a hello is closed: %s',
    async (first) => {
      const { service } = await startTestService();
      const socket = new WebSocket(`wss://127.0.0.1:${service.control.port}/control`, { rejectUnauthorized: false });
      await once(socket, 'open');
      socket.send(first);
      const [code] = (await once(socket, 'close')) as [number];
      expect(code).toBe(1008);
    },
  );

  test('wrong input is refused with the field and without its value', async () => {
    const { dial } = await startTestService();
    const session = await dial();
    const input = { user: 'eva', password: 'secret one', more: 'secret two' };
    const error: unknown = await session.call('session.login', input).catch((e: unknown) => e);
    expect(error).toEqual(coded('bad-input'));
    expect(JSON.stringify(error)).not.toContain('secret');
    await expect(session.call('no.such' as 'set.list', null)).rejects.toThrow(coded('unknown-call', { call: 'no.such' }));
    await expect(session.call('__proto__' as 'set.list', null)).rejects.toThrow(coded('unknown-call'));
  });

  test('calls under way are rejected when the service stops, and the session knows why it ended', async () => {
    const { dial, service } = await startTestService();
    const session = await dial();
    await session.call('session.login', ADMIN);
    const login = session.call('session.login', { ...ADMIN, password: 'wrong' }).catch((e: unknown) => e);
    await service.close();
    await expect(session.ended).resolves.toEqual(coded('link-lost'));
    await login;
    await expect(session.call('set.list', null)).rejects.toThrow(coded('link-lost'));
  });

  test('a monitor sees and changes nothing', async () => {
    const { dial, session: inside } = await startTestService();
    await inside.call('account.create', { name: 'mona', password: 'x', role: 'monitor' });
    const session = await dial();
    await session.call('session.login', { user: 'MONA', password: 'x' });
    await expect(session.call('set.list', null)).resolves.toEqual([]);
    await expect(session.call('set.create', { name: 'Docs' })).rejects.toThrow(
      coded('not-allowed', { user: 'mona', role: 'monitor', action: 'set.create' }),
    );
  });

  test('an account that is deleted or gets another password or role is logged out everywhere at once', async () => {
    const { dial, session: inside } = await startTestService();
    await inside.call('account.create', { name: 'mona', password: 'x', role: 'monitor' });
    const session = await dial();
    for (const end of [
      () => inside.call('account.set-password', { name: 'mona', password: 'y' }),
      () => inside.call('account.set-role', { name: 'mona', role: 'admin' }),
      () => inside.call('account.delete', { name: 'mona' }),
    ]) {
      await session
        .call('session.login', { user: 'mona', password: 'x' })
        .catch(() => session.call('session.login', { user: 'mona', password: 'y' }));
      await expect(session.call('set.list', null)).resolves.toEqual([]);
      await end();
      await expect(session.call('set.list', null)).rejects.toThrow(coded('not-logged-in'));
    }
  });

  test('after five wrong passwords the right one has to wait too', async () => {
    // Time stands still: to check passwords may take longer than the wait.
    const { dial } = await startTestService({ clock: new HandClock(Date.now()) });
    const session = await dial();
    for (let i = 0; i < 5; i++) {
      await expect(session.call('session.login', { user: 'eva', password: 'no' })).rejects.toThrow(
        coded('wrong-password', { user: 'eva' }),
      );
    }
    await expect(session.call('session.login', ADMIN)).rejects.toThrow(coded('too-many-attempts', { seconds: 1 }));
  });

  test('an unknown user is answered like a wrong password', async () => {
    const { dial } = await startTestService();
    const session = await dial();
    await expect(session.call('session.login', { user: 'nobody', password: 'no' })).rejects.toThrow(coded('wrong-password'));
  });
});
