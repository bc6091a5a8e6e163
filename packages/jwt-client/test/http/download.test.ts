import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { createVerifier } from '../../src/index.ts';
import { generateSigningKey, signCompact } from '../../src/testing/signing-key.ts';
import { goodClaims, start, verdictOf } from '../setting.ts';

const key = generateSigningKey('ES256');
const jwks = JSON.stringify({ keys: [key.jwk] });
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});

/** A hostile or broken issuer behind real HTTP; answers its own address. */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const token = signCompact({ alg: 'ES256', typ: 'at+jwt', kid: key.kid }, goodClaims(), key);
const names = { issuer: 'https://issuer.test', audience: 'test-service', clock: () => start * 1000 };

async function reasonFor(listener: RequestListener, timeoutMs = 5000): Promise<string> {
  const verifier = createVerifier({ ...names, jwks: { uri: `${await serve(listener)}/keys`, timeoutMs } });
  expect(await verdictOf(verifier.verify(token))).toBe('keys_unavailable');
  return String(verifier.status().keys.lastError);
}

test('keys are fetched over real HTTP', async () => {
  const url = await serve((_, response) => response.end(jwks));
  expect(await verdictOf(createVerifier({ ...names, jwks: { uri: url } }).verify(token))).toBe('accepted');
});

const dribble: RequestListener = (_, response) => {
  const timer = setInterval(() => response.write(' '), 5);
  response.once('close', () => clearInterval(timer));
};

const neverAnswers = () => new Promise<Response>(() => {});

describe('an answer that is not a key set is an outage (503), never a wave of 401', () => {
  test.each<[string, RequestListener, RegExp]>([
    ['an error page', (_, response) => response.writeHead(500).end('oops'), /answered 500, not 200/],
    ['not found', (_, response) => response.writeHead(404).end(jwks), /answered 404/],
    ['HTML with status 200', (_, response) => response.end('<html>'), /JSON/],
    ['an empty body', (_, response) => response.end(), /JSON/],
    ['a JSON list', (_, response) => response.end('[]'), /not an object/],
    ['an object without keys', (_, response) => response.end('{}'), /must be an object with an array "keys"/],
    ['an empty answer', (request) => request.socket.destroy(), /fetch failed/],
    ['half an answer', (_, response) => void response.write(jwks.slice(0, 9), () => response.destroy()), /terminated/],
  ])('%s', async (_, listener, reason) => {
    expect(await reasonFor(listener)).toMatch(reason);
  });

  test('a redirect is not followed', async () => {
    const elsewhere = await serve((_, response) => response.end(jwks));
    const reason = await reasonFor((_, response) => response.writeHead(302, { location: elsewhere }).end());
    expect(reason).toMatch(/answered 302, not 200 \(redirects are not followed\)/);
  });

  test('an endless body is cut off at 256 kB', async () => {
    let sent = 0;
    const reason = await reasonFor((_, response) => {
      const more = () => {
        sent += 65_536;
        if (!response.destroyed) response.write(' '.repeat(65_536), more);
      };
      more();
    });
    expect(reason).toMatch(/more than 262144 bytes/);
    expect(sent).toBeLessThan(16 * 1024 * 1024);
  });

  test('an issuer that never answers costs timeoutMs', async () => {
    expect(await reasonFor(() => {}, 50)).toMatch(/TimeoutError/);
  });

  test('an issuer that dribbles costs no more', async () => {
    expect(await reasonFor(dribble, 100)).toMatch(/TimeoutError/);
  });

  test('a fetch that ignores its signal costs no more either', async () => {
    const source = { uri: 'https://issuer.test/keys', fetch: neverAnswers, timeoutMs: 20 };
    const verifier = createVerifier({ ...names, jwks: source });
    expect(await verdictOf(verifier.verify(token))).toBe('keys_unavailable');
  });

  test('close() ends a fetch under way', async () => {
    const { promise: underWay, resolve } = Promise.withResolvers<unknown>();
    const verifier = createVerifier({ ...names, jwks: { uri: await serve(resolve) } });
    const pending = verdictOf(verifier.verify(token));
    await underWay;
    verifier.close();
    expect(await pending).toBe('keys_unavailable');
    expect(String(verifier.status().keys.lastError)).toMatch(/closed/);
  });

  test('close() before the first fetch keeps it from starting', async () => {
    let requests = 0;
    const verifier = createVerifier({ ...names, jwks: { uri: await serve(() => requests++) } });
    const pending = verdictOf(verifier.verify(token));
    verifier.close();
    expect(await pending).toBe('keys_unavailable');
    expect(requests).toBe(0);
  });
});

async function discover(document: (url: string) => object) {
  const paths: string[] = [];
  const url: string = await serve((request, response) => {
    paths.push(String(request.url));
    response.end(request.url === '/keys' ? jwks : JSON.stringify(document(url)));
  });
  const verifier = createVerifier({ ...names, issuer: url });
  await verifier.ready().catch(() => {});
  return { paths, state: verifier.status().keys.state, reason: String(verifier.status().keys.lastError) };
}

describe('discovery', () => {
  test('asks the issuer for its jwks_uri', async () => {
    const { paths, state } = await discover((url) => ({ issuer: url, jwks_uri: `${url}/keys` }));
    expect(paths).toEqual(['/.well-known/openid-configuration', '/keys']);
    expect(state).toBe('fresh');
  });

  test.each<[string, (url: string) => object, RegExp]>([
    [
      'another issuer in the document',
      (url) => ({ issuer: 'https://evil.test', jwks_uri: `${url}/keys` }),
      /another issuer/,
    ],
    ['the issuer with a slash', (url) => ({ issuer: `${url}/`, jwks_uri: `${url}/keys` }), /another issuer/],
    ['no issuer', (url) => ({ jwks_uri: `${url}/keys` }), /another issuer/],
    ['no jwks_uri', (url) => ({ issuer: url }), /must be an absolute URL/],
    [
      'a jwks_uri over http',
      (url) => ({ issuer: url, jwks_uri: 'http://issuer.test/keys' }),
      /: https, or http on loopback/,
    ],
    [
      'a jwks_uri that is a file',
      (url) => ({ issuer: url, jwks_uri: 'file:///etc/passwd' }),
      /: https, or http on loopback/,
    ],
    ['a jwks_uri that is no text', (url) => ({ issuer: url, jwks_uri: { toString: 1 } }), /TypeError/],
  ])('%s is refused, and no key fetched', async (_, document, reason) => {
    const outcome = await discover(document);
    expect(outcome.reason).toMatch(reason);
    expect(outcome.paths).not.toContain('/keys');
  });

  test('an issuer that moves its keys is found again', async () => {
    let path = '/keys-1';
    let nowMs = start * 1000;
    const url: string = await serve((request, response) => {
      if (request.url === '/.well-known/openid-configuration')
        response.end(JSON.stringify({ issuer: url, jwks_uri: url + path }));
      else if (request.url === path) response.end(jwks);
      else response.writeHead(404).end();
    });
    const verifier = createVerifier({ ...names, issuer: url, clock: () => nowMs });
    await verifier.ready();
    path = '/keys-2';
    nowMs += 400_000;
    await verifier.ready();
    expect(verifier.status().keys).toMatchObject({ state: 'stale', failures: 1 });
    nowMs += 1000;
    await verifier.ready();
    // The second attempt ran in the background: while failing, nobody waits.
    await expect.poll(() => verifier.status().keys.state).toBe('fresh');
  });
});
