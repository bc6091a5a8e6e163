export type { RevocationRequest } from './revocations.ts';
export { type RunningTestIssuer, startTestIssuer } from './start-test-issuer.ts';
export { createTestClock, type TestClock } from './test-clock.ts';
export { createTestIssuer, type TestIssuer, type TestIssuerOptions } from './test-issuer.ts';
