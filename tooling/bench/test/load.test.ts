import { once } from 'node:events';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';

import { connect } from '../src/connection.ts';
import { requestsOf } from '../src/requests.ts';

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function get(path: string): string {
  return `GET ${path} HTTP/1.1\r\nhost: bench\r\n\r\n`;
}

test('a server gets what was to be sent, one after the other on one connection', async () => {
  const seen: unknown[] = [];
  const url = await serve((request, response) => {
    const { method, url: path, headers, socket } = request;
    request.setEncoding('utf8').on('data', (body: string) => {
      const { authorization, 'idempotency-key': key } = headers;
      seen.push({ method, path, authorization, key, body, port: socket.remotePort });
      response.statusCode = 201;
      response.setHeader('Content-Type', 'text/plain; charset=utf-8').end('gänse');
    });
  });
  const headers = { authorization: 'Bearer one' };
  const requests = [
    { path: '/a', body: '{"name":"gänse"}' },
    { path: '/b', body: '{}', authorization: 'Bearer two' },
  ];
  const next = requestsOf({ url, method: 'POST', headers, requests }, 'key');
  const connection = await connect(url);
  const answers = [await connection.ask(next()), await connection.ask(next()), await connection.ask(next())];
  connection.close();

  const port = (seen[0] as { port: number }).port;
  const common = { method: 'POST', port };
  expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
  expect(seen).toEqual([
    { ...common, path: '/a', authorization: 'Bearer one', key: 'key-1', body: '{"name":"gänse"}' },
    { ...common, path: '/b', authorization: 'Bearer two', key: 'key-2', body: '{}' },
    { ...common, path: '/a', authorization: 'Bearer one', key: 'key-3', body: '{"name":"gänse"}' },
  ]);
});

test('an answer counts when all of it is there', async () => {
  const halfSent = Promise.withResolvers<ServerResponse>();
  const url = await serve((request, response) => {
    if (request.url === '/rest') void halfSent.promise.then((half) => half.end('cd'));
    response.writeHead(request.url === '/' ? 503 : 200, { 'Content-Length': 4 });
    if (request.url === '/') response.write('ab', () => halfSent.resolve(response));
    else response.end('done');
  });
  const [connection, other] = [await connect(url), await connect(url)];
  const slow = connection.ask(get('/'));
  await halfSent.promise;
  await other.ask(get('/rest'));
  expect([await slow, await connection.ask(get('/next'))].map(({ status }) => status)).toEqual([503, 200]);
  connection.close();
  other.close();
});

test('a connection that is cut has no answer', async () => {
  const url = await serve((request) => request.socket.destroy());
  const connection = await connect(url);
  await expect(connection.ask(get('/'))).rejects.toThrow('closed');
});
