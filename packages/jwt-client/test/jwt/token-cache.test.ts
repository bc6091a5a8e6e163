import { describe, expect, test } from 'vitest';
import { openSetting, start, verdict } from '../setting.ts';

// A remembered token gives the very same auth object; a signature that was checked again gives a new one.
describe('the verified-token cache', () => {
  test('spares the second signature check, and `false` does not', async () => {
    const cached = await openSetting();
    const token = cached.issuer.mint();
    expect(cached.verifier.verifySync(token)).toBe(cached.verifier.verifySync(token));
    expect(cached.verifier.status().rememberedTokens).toBe(1);

    const uncached = await openSetting({ cache: false });
    const other = uncached.issuer.mint();
    expect(uncached.verifier.verifySync(other)).not.toBe(uncached.verifier.verifySync(other));
    expect(uncached.verifier.status().rememberedTokens).toBe(0);
  });

  test('an expired token is refused although it is remembered', async () => {
    const { issuer, verifier, clock } = await openSetting();
    const token = issuer.mint();
    expect(verdict(() => verifier.verifySync(token))).toBe('accepted');
    clock.set(start + 905);
    expect(verdict(() => verifier.verifySync(token))).toBe('token_expired');
  });

  test('nbf, iat and age are checked again when the clock is set back or on', async () => {
    const { issuer, verifier, clock } = await openSetting({ maxTokenAgeSeconds: 60 });
    const token = issuer.mint({ nbf: start });
    verifier.verifySync(token);
    clock.set(start - 5.5);
    expect(verdict(() => verifier.verifySync(token))).toBe('token_issued_in_future');
    clock.set(start + 66);
    expect(verdict(() => verifier.verifySync(token))).toBe('token_too_old');
  });

  test('needs are checked for each request', async () => {
    const { issuer, verifier } = await openSetting();
    const token = issuer.mint({ scope: 'users:read' });
    expect(verdict(() => verifier.verifySync(token, { scope: 'users:read' }))).toBe('accepted');
    expect(verdict(() => verifier.verifySync(token, { scope: 'users:write' }))).toBe('scope_missing');
    expect(verdict(() => verifier.verifySync(token, { role: 'admin' }))).toBe('role_missing');
  });

  test('a token whose key was withdrawn is refused although it is remembered', async () => {
    const { issuer, verifier, clock } = await openSetting({}, { jwksMaxAgeSeconds: 60 });
    const token = issuer.mint();
    const withdrawn = issuer.kid;
    verifier.verifySync(token);
    issuer.rotate();
    issuer.withdraw(withdrawn);
    clock.advance(130);
    await expect(verifier.verify(token)).rejects.toMatchObject({ code: 'kid_unknown' });
  });

  test('a refresh that brings the same key forgets nothing', async () => {
    const { issuer, verifier, clock } = await openSetting({}, { jwksMaxAgeSeconds: 60 });
    const token = issuer.mint();
    const auth = await verifier.verify(token);
    clock.advance(130);
    expect(await verifier.verify(token)).toBe(auth);
    expect(issuer.fetches.jwks).toBe(2);
  });

  test('failures are not remembered', async () => {
    const { issuer, verifier } = await openSetting();
    const [head, body] = issuer.mint().split('.');
    const bent = `${head}.${body}.${Buffer.alloc(64, 1).toString('base64url')}`;
    expect(verdict(() => verifier.verifySync(bent))).toBe('signature_invalid');
    expect(verdict(() => verifier.verifySync(issuer.mint({ aud: 'other' })))).toBe('audience_mismatch');
    expect(verifier.status().rememberedTokens).toBe(0);
  });

  test('two tokens with one payload are two tokens', async () => {
    const { issuer, verifier } = await openSetting();
    const good = issuer.mint();
    verifier.verifySync(good);
    const [head, body] = good.split('.');
    const other = `${head}.${body}.${issuer.mint().split('.')[2]}`;
    expect(verdict(() => verifier.verifySync(other))).toBe('signature_invalid');
  });

  test('holds entriesMax tokens; the oldest leaves first', async () => {
    const { issuer, verifier } = await openSetting({ cache: { entriesMax: 2 } });
    const tokens = [issuer.mint(), issuer.mint(), issuer.mint()];
    const [first, , last] = tokens.map((token) => verifier.verifySync(token));
    expect(verifier.status().rememberedTokens).toBe(2);
    expect(verifier.verifySync(tokens[2] ?? '')).toBe(last);
    expect(verifier.verifySync(tokens[0] ?? '')).not.toBe(first);
  });
});
