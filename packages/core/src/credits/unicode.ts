/** Whether the text can be stored: UTF-8 has no unpaired surrogates, so what came back would not be what was hashed. */
export function isUnicode(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}
