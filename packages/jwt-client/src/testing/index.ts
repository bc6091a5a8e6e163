export { type RunningTestIssuer, startTestIssuer } from './start-test-issuer.ts';
export { createTestIssuer, type TestIssuer, type TestIssuerOptions } from './test-issuer.ts';
