import { DatabaseUnavailable } from '../kernel/errors.ts';

/** Whoever asks how we are wants to know within two seconds, also when the database takes connections and says nothing. */
const ANSWER_MS_MAX = 1_500;
/** When to ask again what did not answer: each question holds a connection until its statement times out. */
const ASK_AGAIN_MS = 3_000;

/**
 * Makes of a statement the question whether the database answers. All who ask at the same time share one question, and
 * while it is late they are told so at once.
 *
 * @throws (the question) DatabaseUnavailable after 1.5 seconds, or whatever the statement fails with
 */
export function pingWith(ask: () => Promise<unknown>): () => Promise<void> {
  let asked: Promise<void> | undefined;
  return () => {
    if (asked !== undefined) return asked;
    const answer = ask();
    const question = (asked = inTime(answer));
    const forget = (): void => {
      if (asked === question) asked = undefined;
    };
    const askAgain = setTimeout(forget, ASK_AGAIN_MS).unref();
    const answered = (): void => {
      clearTimeout(askAgain);
      forget();
    };
    answer.then(answered, answered);
    return question;
  };
}

async function inTime(answer: Promise<unknown>): Promise<void> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new DatabaseUnavailable(new Error(`no answer within ${ANSWER_MS_MAX} ms`))),
    ANSWER_MS_MAX,
  );
  try {
    await Promise.race([answer, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
