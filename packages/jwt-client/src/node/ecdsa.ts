const scalarBytes = 32;
/** SEQUENCE of two INTEGERs of at most 33 bytes: every length fits the short form. */
const derBytesMax = 2 + 2 * (2 + 1 + scalarBytes);
const zero = Buffer.alloc(scalarBytes);
/** The order n of P-256, SEC 2 section 2.4.2. */
const order = Buffer.from('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551', 'hex');

/**
 * The raw 64-byte `r || s` of RFC 7518 section 3.4 as the DER sequence that OpenSSL reads,
 * or undefined when the length is wrong or r or s lies outside 1..n-1 (CVE-2022-21449: r = s = 0).
 * Built by hand because `dsaEncoding: 'ieee-p1363'` costs about 25 µs a call on Node 24 and this less than one.
 */
export function derSignature(raw: Uint8Array): Buffer | undefined {
  const r = raw.subarray(0, scalarBytes);
  const s = raw.subarray(scalarBytes);
  if (raw.length !== 2 * scalarBytes || !isScalar(r) || !isScalar(s)) return undefined;
  const der = Buffer.alloc(derBytesMax);
  const end = writeInteger(der, writeInteger(der, 2, r), s);
  der[0] = 0x30;
  der[1] = end - 2;
  return der.subarray(0, end);
}

const isScalar = (value: Uint8Array) => zero.compare(value) < 0 && order.compare(value) > 0;

/**
 * Without leading zeros, except that an INTEGER whose first bit is set would be negative: a zero byte, which `der` holds
 * already, goes before it. Returns where it ends.
 */
function writeInteger(der: Buffer, at: number, value: Uint8Array): number {
  const digits = value.subarray(value.findIndex((byte) => byte !== 0));
  const length = digits.length + ((digits[0] ?? 0) >> 7);
  const end = at + 2 + length;
  der[at] = 0x02;
  der[at + 1] = length;
  der.set(digits, end - digits.length);
  return end;
}
