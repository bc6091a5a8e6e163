import { once } from 'node:events';
import { createConnection } from 'node:net';

interface Answer {
  readonly status: number;
  /** One character for each byte. */
  readonly body: string;
}

/** One connection that is kept alive. It asks one thing at a time. */
export interface Connection {
  /** Sends a request as it is written on the wire. Rejects when there is no answer. */
  ask(request: string): Promise<Answer>;
  close(): void;
}

const SILENCE_MS_MAX = 10_000;

/**
 * HTTP/1.1 for load, on the socket itself: the generator shares the machine with what it measures, and a client that is
 * made for every server takes three times as long for each request. Answers must have a `Content-Length`.
 */
export async function connect(url: string): Promise<Connection> {
  const { hostname, port } = new URL(url);
  const socket = createConnection({ host: hostname, port: Number(port), noDelay: true, timeout: SILENCE_MS_MAX });
  await once(socket, 'connect');
  let received = '';
  let asked: PromiseWithResolvers<Answer> | undefined;
  // One character for each byte: lengths can be compared.
  socket.setEncoding('latin1').on('data', (text: string) => {
    received += text;
    const answer = wholeAnswer(received);
    if (answer === undefined) return;
    received = '';
    asked?.resolve(answer);
  });
  socket.on('timeout', () => socket.destroy()).on('error', () => undefined);
  socket.on('close', () => asked?.reject(new Error('the connection was closed')));
  return {
    ask(request) {
      if (socket.destroyed) throw new Error('the connection was closed');
      asked = Promise.withResolvers();
      socket.write(request);
      return asked.promise;
    },
    close: () => void socket.destroy(),
  };
}

const HEAD_END = '\r\n\r\n';

function wholeAnswer(received: string): Answer | undefined {
  const headLength = received.indexOf(HEAD_END);
  if (headLength === -1) return undefined;
  const length = /\r\ncontent-length: (\d+)/i.exec(received)?.[1];
  if (length === undefined) throw new Error('an answer came without Content-Length');
  const body = received.slice(headLength + HEAD_END.length);
  if (body.length < Number(length)) return undefined;
  return { status: Number(received.slice('HTTP/1.1 '.length, 'HTTP/1.1 200'.length)), body };
}
