const scalarBytes = 32;

/**
 * The raw 64-byte `r || s` of RFC 7518 section 3.4 as the DER sequence of two INTEGERs that OpenSSL reads, or undefined
 * when the length is wrong. That r and s lie within 1..n-1 (CVE-2022-21449: r = s = 0) is the first thing OpenSSL checks.
 * Built by hand because `dsaEncoding: 'ieee-p1363'` costs about 25 µs a call on Node 24 and this a small part of one.
 */
export function derSignature(raw: Uint8Array): Buffer | undefined {
  if (raw.length !== 2 * scalarBytes) return undefined;
  // Two bytes before each integer and the sequence, and a zero byte where its first bit would make an integer negative:
  // at most 72, so that every length fits the short form.
  const der = Buffer.alloc(72);
  const end = writeInteger(der, writeInteger(der, 2, raw, 0), raw, scalarBytes);
  der[0] = 0x30;
  der[1] = end - 2;
  return der.subarray(0, end);
}

/** The scalar that begins at `from`, without leading zeros. Returns where it ends. */
function writeInteger(der: Uint8Array, at: number, raw: Uint8Array, from: number): number {
  const rawEnd = from + scalarBytes;
  let digit = from;
  while (digit < rawEnd - 1 && raw[digit] === 0) digit++;
  const sign = (raw[digit] ?? 0) >> 7;
  const length = rawEnd - digit + sign;
  const end = at + 2 + length;
  der[at] = 0x02;
  der[at + 1] = length;
  for (; digit < rawEnd; digit++) der[end - rawEnd + digit] = raw[digit] ?? 0;
  return end;
}
