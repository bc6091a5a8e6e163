/** A clock that only the test moves; hand it to the issuer and the verifier. */
export interface TestClock {
  /** Epoch milliseconds. */
  (): number;
  /** Moves it on, or back with a negative number. */
  advance(seconds: number): void;
  set(epochSeconds: number): void;
}

/** A clock that stands still at `epochSeconds` (default: now, in whole seconds) until it is moved. */
export function createTestClock(epochSeconds: number = Math.floor(Date.now() / 1000)): TestClock {
  let nowMs = epochSeconds * 1000;
  return Object.assign(() => nowMs, {
    advance(seconds: number) {
      nowMs += seconds * 1000;
    },
    set(seconds: number) {
      nowMs = seconds * 1000;
    },
  });
}
