import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { afterEach, describe, expect, it } from 'vitest';

import { sendCsv } from './csv.ts';

type Rows = AsyncIterable<readonly (string | number | null)[]>;

describe('a table as CSV', () => {
  let server: Server;
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  /** Serves the rows at an address, and tells how sending them ended. */
  async function serve(rows: Rows): Promise<{ url: string; sent: Promise<void> }> {
    const sent = Promise.withResolvers<void>();
    const app = express();
    app.get('/', (request, response) => {
      sendCsv(request, { name: 'rows', columns: ['a', 'b'], rows }).then(sent.resolve, (error: unknown) => {
        sent.reject(error);
        if (!response.headersSent) response.status(500).end();
      });
    });
    server = app.listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, sent: sent.promise };
  }

  async function* some(...rows: (string | number | null)[][]): Rows {
    yield* rows;
  }

  it('quotes what RFC 4180 says, and marks what a spreadsheet would calculate', async () => {
    const { url } = await serve(some(['plain', -1], ['a,"b"\r\n', null], ['=1+1', '@x'], ['-1', '+1']));
    expect(await (await fetch(url)).text()).toBe(`a,b\r\nplain,-1\r\n"a,""b""\r\n",\r\n'=1+1,'@x\r\n'-1,'+1\r\n`);
  });

  it('a table without rows is its head', async () => {
    const { url } = await serve(some());
    expect(await (await fetch(url)).text()).toBe('a,b\r\n');
  });

  it('whoever leaves early is no failure, and no more rows are read', async () => {
    let isOver = false;
    async function* endless(): Rows {
      try {
        for (let row = 0; ; row++) yield [row, 'x'.repeat(100)];
      } finally {
        isOver = true;
      }
    }
    const { url, sent } = await serve(endless());
    await (await fetch(url)).body?.cancel();
    await sent;
    expect(isOver).toBe(true);
  });

  it('a failure in the middle never looks like the end', async () => {
    async function* breaking(): Rows {
      for (let row = 0; row < 1_000; row++) yield [row, 'x'.repeat(100)];
      throw new Error('the database is away');
    }
    const { url, sent } = await serve(breaking());
    const received = fetch(url).then((answer) => answer.text());
    await expect(sent).rejects.toThrow('the database is away');
    await expect(received).rejects.toThrow('terminated');
  });

  it('a failure before the first row can still be answered as one', async () => {
    const rows: Rows = { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error('no such user')) }) };
    const { url, sent } = await serve(rows);
    const answer = fetch(url);
    await expect(sent).rejects.toThrow('no such user');
    expect((await answer).status).toBe(500);
  });
});
