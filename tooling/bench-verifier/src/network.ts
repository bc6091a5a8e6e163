import { createVerifier } from '@org/jwt-client';
import { createTestIssuer, type TestIssuer } from '@org/jwt-client/testing';
import { JwtVerifier } from 'aws-jwt-verify';
import { SimpleJwksCache } from 'aws-jwt-verify/jwk';
import { createRemoteJWKSet, customFetch, jwtVerify } from 'jose';
import { ours } from './candidates.ts';

interface Remote {
  readonly name: string;
  readonly verify: (token: string) => Promise<unknown>;
}

/** What happens to valid tokens, and to the issuer, when something is wrong. */
export interface Mishap {
  readonly name: string;
  /** Valid tokens refused in an hour without the issuer, of 60. */
  readonly refusedInOutage: number;
  /** Requests to the issuer in that hour. */
  readonly fetchesInOutage: number;
  /** Requests to the issuer caused by 1,000 tokens with unknown key ids. */
  readonly fetchesForUnknownKeys: number;
  /** Accepts a token of a key that the issuer withdrew an hour ago. */
  readonly acceptsWithdrawnKey: boolean;
}

const names = [ours, 'jose', 'aws-jwt-verify'];
const minutes = 60;
const jwksPath = '/.well-known/jwks.json';

/** Those that fetch keys themselves, each with an issuer of its own. fast-jwt and jsonwebtoken leave that to others. */
export async function sufferMishaps(): Promise<readonly Mishap[]> {
  const mishaps: Mishap[] = [];
  for (const name of names) mishaps.push(await withMovableClock((pass) => suffer(name, pass)));
  return mishaps;
}

/** None of them but ours takes a clock, so the clock of the process is moved. */
async function withMovableClock<T>(work: (pass: (seconds: number) => void) => Promise<T>): Promise<T> {
  const realNow = Date.now.bind(Date);
  let aheadMs = 0;
  Date.now = () => realNow() + aheadMs;
  try {
    return await work((seconds) => (aheadMs += seconds * 1000));
  } finally {
    Date.now = realNow;
  }
}

async function suffer(name: string, pass: (seconds: number) => void): Promise<Mishap> {
  const outage = await open(name);
  await outage.accepts(outage.issuer.mint());
  outage.issuer.outage = true;
  const before = outage.issuer.fetches.total;
  let refusedInOutage = 0;
  for (let minute = 0; minute < minutes; minute++) {
    pass(60);
    if (!(await outage.accepts(outage.issuer.mint()))) refusedInOutage++;
  }
  const fetchesInOutage = outage.issuer.fetches.total - before;

  const flood = await open(name);
  await flood.accepts(flood.issuer.mint());
  const floodBefore = flood.issuer.fetches.total;
  for (let i = 0; i < 1000; i++) await flood.accepts(flood.issuer.mint({}, { kid: `unknown-${i}` }));
  const fetchesForUnknownKeys = flood.issuer.fetches.total - floodBefore;

  const withdrawal = await open(name);
  await withdrawal.accepts(withdrawal.issuer.mint());
  const late = withdrawal.issuer.mint({ exp: Math.floor(Date.now() / 1000) + 7200 });
  const { kid } = withdrawal.issuer;
  withdrawal.issuer.rotate();
  withdrawal.issuer.withdraw(kid);
  pass(3600);
  await withdrawal.accepts(withdrawal.issuer.mint());
  const acceptsWithdrawnKey = await withdrawal.accepts(late);
  return { name, refusedInOutage, fetchesInOutage, fetchesForUnknownKeys, acceptsWithdrawnKey };
}

async function open(name: string) {
  const issuer = createTestIssuer({ algorithm: 'ES256', clock: () => Date.now(), revocationsMaxAgeSeconds: false });
  const { verify } = remote(name, issuer);
  const accepts = (token: string) =>
    verify(token).then(
      () => true,
      () => false,
    );
  return { issuer, accepts };
}

function remote(name: string, issuer: TestIssuer): Remote {
  const { issuer: iss, audience, fetch } = issuer;
  if (name === ours) {
    const verifier = createVerifier({ ...issuer.verifierOptions, clock: () => Date.now() });
    return { name, verify: async (token) => verifier.verify(token) };
  }
  if (name === 'jose') {
    const keys = createRemoteJWKSet(new URL(iss + jwksPath), { [customFetch]: fetch });
    return { name, verify: async (token) => jwtVerify(token, keys, { issuer: iss, audience }) };
  }
  const fetcher = { fetch: async (uri: string) => new Uint8Array(await readOrFail(await fetch(uri))).buffer };
  const options = { jwksCache: new SimpleJwksCache({ fetcher }) };
  const verifier = JwtVerifier.create({ issuer: iss, audience, jwksUri: iss + jwksPath }, options);
  return { name, verify: async (token) => verifier.verify(token) };
}

async function readOrFail(response: Response): Promise<ArrayBuffer> {
  if (!response.ok) throw new Error(`The issuer answered ${response.status}`);
  return response.arrayBuffer();
}
