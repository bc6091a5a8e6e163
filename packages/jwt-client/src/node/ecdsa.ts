const scalarBytes = 32;
// SEQUENCE of two INTEGERs of at most 33 bytes: every length fits the short form. Written anew at each call, except for
// the tag of the SEQUENCE, with which it is filled.
const der = Buffer.alloc(72, 0x30);

/**
 * The raw 64-byte `r || s` of RFC 7518 section 3.4 as the DER sequence that OpenSSL reads, valid until the next call;
 * undefined when the length is wrong. That r and s lie within 1..n-1 (CVE-2022-21449: r = s = 0) is the first thing that
 * OpenSSL checks. Built by hand because `dsaEncoding: 'ieee-p1363'` costs about 25 µs a call on Node 24, and this 0.1.
 */
export function derSignature(raw: Uint8Array): Buffer | undefined {
  if (raw.length !== 2 * scalarBytes) return undefined;
  const end = writeInteger(writeInteger(2, raw, 0), raw, scalarBytes);
  der[1] = end - 2;
  return der.subarray(0, end);
}

/**
 * The scalar that begins at `from`, without leading zeros, except that an INTEGER whose first bit is set would be
 * negative: a zero byte goes before it. Returns where it ends.
 */
function writeInteger(at: number, raw: Uint8Array, from: number): number {
  const rawEnd = from + scalarBytes;
  let digit = from;
  while (digit < rawEnd - 1 && !raw[digit]) digit++;
  const sign = Number(raw[digit]) >> 7;
  let end = at;
  der[end++] = 0x02;
  der[end++] = rawEnd - digit + sign;
  if (sign) der[end++] = 0;
  der.set(raw.subarray(digit, rawEnd), end);
  return end + rawEnd - digit;
}
