import { inspect } from 'node:util';
import { describe, expect, test, vi } from 'vitest';
import { createServiceToken, ServiceTokenError } from '../../src/m2m/index.ts';
import { testClock } from '../setting.ts';

const tokenUrl = 'https://sso.example.com/oauth/token';
const secret = 'hunter2:s%cret';

/** A token endpoint and one guarded resource, both counted. */
function openSetting(more: { readonly timeoutMs?: number; readonly scope?: string } = {}) {
  const clock = testClock();
  const state = {
    grants: 0,
    calls: [] as string[],
    bodies: [] as string[],
    refused: new Set<string>(),
    grant: ((): Response =>
      Response.json({ access_token: `token-${state.grants}`, token_type: 'Bearer', expires_in: 900 })) as (
      request: Request,
    ) => Response | Promise<Response>,
  };
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    if (request.url === tokenUrl) {
      state.grants++;
      return state.grant(request);
    }
    const authorization = String(request.headers.get('authorization'));
    state.calls.push(authorization);
    state.bodies.push(await request.text());
    return new Response(null, { status: state.refused.has(authorization) ? 401 : 200 });
  };
  const options = { tokenUrl, clientId: 'billing', clientSecret: secret, fetch, clock, ...more };
  return { state, clock, fetchAs: createServiceToken(options) };
}

const url = 'https://api.example.com/users';

test('a request carries the token of this service, asked for as RFC 6749 has it', async () => {
  const { state, fetchAs } = openSetting({ scope: 'users:read credits:spend' });
  let asked: Request | undefined;
  let form = '';
  const grant = state.grant;
  state.grant = async (request) => {
    asked = request;
    form = await request.text();
    return grant(request);
  };
  const answer = await fetchAs(url, { headers: { 'x-request': '1' } });
  expect([answer.status, state.calls]).toEqual([200, ['Bearer token-1']]);
  expect([asked?.method, asked?.redirect]).toEqual(['POST', 'manual']);
  expect(form).toBe('grant_type=client_credentials&scope=users%3Aread+credits%3Aspend');
  const credentials = `billing:${encodeURIComponent(secret)}`;
  expect(asked?.headers.get('authorization')).toBe(`Basic ${btoa(credentials)}`);
});

describe('the token is kept', () => {
  test('a hundred requests at once ask for one token', async () => {
    const { state, fetchAs } = openSetting();
    await Promise.all(Array.from({ length: 100 }, () => fetchAs(url)));
    expect([state.grants, new Set(state.calls)]).toEqual([1, new Set(['Bearer token-1'])]);
  });

  test('and renewed after 65 to 75 percent of its life, in the background', async () => {
    const renewals = new Set<number>();
    for (const random of [0, 0.5, 0.999]) {
      const { state, clock, fetchAs } = openSetting();
      vi.spyOn(Math, 'random').mockReturnValue(random);
      await fetchAs(url);
      vi.restoreAllMocks();
      const renewAt = 900 * (0.75 - 0.1 * random);
      clock.advance(renewAt - 0.001);
      await fetchAs(url);
      expect(state.grants).toBe(1);
      clock.advance(0.001);
      await fetchAs(url);
      expect(state.calls.at(-1)).toBe('Bearer token-1');
      await vi.waitFor(async () => {
        await fetchAs(url);
        expect(state.calls.at(-1)).toBe('Bearer token-2');
      });
      expect(state.grants).toBe(2);
      renewals.add(renewAt);
    }
    expect(renewals.size).toBe(3);
  });

  test('an expired one is not sent', async () => {
    const { state, clock, fetchAs } = openSetting();
    await fetchAs(url);
    clock.advance(900);
    await fetchAs(url);
    expect(state.calls).toEqual(['Bearer token-1', 'Bearer token-2']);
  });

  test('while the token endpoint is down, the token at hand serves on until it expires', async () => {
    const { state, clock, fetchAs } = openSetting();
    await fetchAs(url);
    state.grant = () => Response.json({}, { status: 503 });
    for (let minute = 0; minute < 14; minute++) {
      clock.advance(60);
      expect((await fetchAs(url)).status).toBe(200);
    }
    expect(new Set(state.calls)).toEqual(new Set(['Bearer token-1']));
    clock.advance(60);
    await expect(fetchAs(url)).rejects.toMatchObject({ code: 'token_endpoint_failed', endpointStatus: 503 });
  });
});

describe('401', () => {
  test('is tried once more with a new token, body and all', async () => {
    const { state, fetchAs } = openSetting();
    state.refused.add('Bearer token-1');
    const answer = await fetchAs(url, { method: 'POST', body: 'hello' });
    expect([answer.status, state.calls, state.bodies]).toEqual([
      200,
      ['Bearer token-1', 'Bearer token-2'],
      ['hello', 'hello'],
    ]);
  });

  test('and only once', async () => {
    const { state, fetchAs } = openSetting();
    state.refused.add('Bearer token-1').add('Bearer token-2');
    expect((await fetchAs(url)).status).toBe(401);
    expect(state.grants).toBe(2);
  });

  test('fifty at once ask for one new token', async () => {
    const { state, fetchAs } = openSetting();
    state.refused.add('Bearer token-1');
    const answers = await Promise.all(Array.from({ length: 50 }, () => fetchAs(url)));
    expect([new Set(answers.map(({ status }) => status)), state.grants]).toEqual([new Set([200]), 2]);
  });

  test('a stream cannot be sent twice, so the answer stands', async () => {
    const { state, fetchAs } = openSetting();
    state.refused.add('Bearer token-1');
    const body = new Blob(['hello']).stream();
    const init = { method: 'POST', body, duplex: 'half' } as RequestInit;
    expect((await fetchAs(url, init)).status).toBe(401);
    expect(state.bodies).toEqual(['hello']);
  });
});

describe('without a token the request fails, and says why', () => {
  test.each<[string, () => Response, object]>([
    [
      'wrong secret',
      () => Response.json({ error: 'invalid_client', error_description: secret }, { status: 401 }),
      { code: 'client_refused', endpointStatus: 401, reason: 'invalid_client' },
    ],
    [
      'wrong scope',
      () => Response.json({ error: 'invalid_scope' }, { status: 400 }),
      { code: 'client_refused', reason: 'invalid_scope' },
    ],
    ['too many', () => Response.json({}, { status: 429 }), { code: 'token_endpoint_failed', endpointStatus: 429 }],
    [
      'a redirect',
      () => Response.redirect('https://evil.test/', 302),
      { code: 'token_endpoint_failed', endpointStatus: 302 },
    ],
    ['HTML', () => new Response('<html>'), { code: 'token_response_invalid' }],
    [
      'another kind of token',
      () => Response.json({ access_token: 'a', token_type: 'mac' }),
      { code: 'token_response_invalid' },
    ],
    [
      'a token with a line break',
      () => Response.json({ access_token: 'a\nb', token_type: 'bearer' }),
      { code: 'token_response_invalid' },
    ],
    [
      'a huge token',
      () => Response.json({ access_token: 'a'.repeat(8193), token_type: 'bearer' }),
      { code: 'token_response_invalid' },
    ],
    [
      'no lifetime',
      () => Response.json({ access_token: 'a', token_type: 'bearer', expires_in: 0 }),
      { code: 'token_response_invalid' },
    ],
    ['64 kB and more', () => new Response(' '.repeat(70_000)), { code: 'token_endpoint_unreachable' }],
    [
      'an error code that is a text',
      () => Response.json({ error: `bad ${secret}` }, { status: 400 }),
      { code: 'client_refused', reason: undefined },
    ],
  ])('%s', async (_, grant, expected) => {
    const { state, fetchAs } = openSetting();
    state.grant = grant;
    const error: unknown = await fetchAs(url).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ServiceTokenError);
    expect(error).toMatchObject(expected);
    expect(inspect(error, { depth: 9 })).not.toContain('hunter2');
    expect(state.calls).toEqual([]);
  });

  test('a token endpoint that hangs costs timeoutMs', async () => {
    const { state, fetchAs } = openSetting({ timeoutMs: 20 });
    state.grant = () => new Promise(() => {});
    await expect(fetchAs(url)).rejects.toMatchObject({ code: 'token_endpoint_unreachable' });
  });

  test('a failing token endpoint is asked once a second, however many requests come', async () => {
    const { state, clock, fetchAs } = openSetting();
    state.grant = () => Response.json({}, { status: 500 });
    for (let i = 0; i < 20; i++) await expect(fetchAs(url)).rejects.toThrow(ServiceTokenError);
    expect(state.grants).toBe(1);
    clock.advance(1);
    await expect(fetchAs(url)).rejects.toThrow(ServiceTokenError);
    expect(state.grants).toBe(2);
  });
});

test.each([
  [{ tokenUrl: 'http://sso.example.com/token' }],
  [{ clientSecret: '' }],
  [{ clientId: '' }],
  [{ timeoutMs: 0 }],
  [{ timeoutMs: Infinity }],
])('options %j are refused at once', (options) => {
  expect(() => createServiceToken({ tokenUrl, clientId: 'a', clientSecret: secret, ...options })).toThrow(TypeError);
});

test('nothing in the function holds the secret in sight', () => {
  const { fetchAs } = openSetting();
  expect(inspect(fetchAs, { depth: 9, showHidden: true })).not.toContain('hunter2');
});
