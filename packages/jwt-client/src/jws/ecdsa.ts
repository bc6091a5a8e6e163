const scalarBytes = 32;
const zero = Buffer.alloc(scalarBytes);
/** The order n of P-256, SEC 2 section 2.4.2. */
const order = Buffer.from('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551', 'hex');

/**
 * The raw 64-byte `r || s` of RFC 7518 section 3.4 as the DER sequence that OpenSSL reads,
 * or undefined when the length is wrong or r or s lies outside 1..n-1 (CVE-2022-21449: r = s = 0).
 * Built by hand because `dsaEncoding: 'ieee-p1363'` costs about 25 µs a call on Node 24 and this 3.
 */
export function derSignature(raw: Buffer): Buffer | undefined {
  if (raw.length !== 2 * scalarBytes) return undefined;
  const r = raw.subarray(0, scalarBytes);
  const s = raw.subarray(scalarBytes);
  if (!isScalar(r) || !isScalar(s)) return undefined;
  return derSequence(r, s);
}

const isScalar = (value: Buffer) => value.compare(zero) > 0 && value.compare(order) < 0;

/** SEQUENCE of two INTEGERs; at most 70 content bytes, so every length fits the short form. */
function derSequence(r: Buffer, s: Buffer): Buffer {
  const rStart = firstByte(r);
  const sStart = firstByte(s);
  const rLength = integerLength(r, rStart);
  const sLength = integerLength(s, sStart);
  const der = Buffer.alloc(6 + rLength + sLength);
  der[0] = 0x30;
  der[1] = 4 + rLength + sLength;
  writeInteger(der, 2, r, rStart, rLength);
  writeInteger(der, 4 + rLength, s, sStart, sLength);
  return der;
}

function firstByte(value: Buffer): number {
  let start = 0;
  while (value[start] === 0) start++;
  return start;
}

/** An INTEGER whose first bit is set would be negative: a zero byte goes before it. */
function integerLength(value: Buffer, start: number): number {
  return scalarBytes - start + (value.readUInt8(start) >> 7);
}

function writeInteger(der: Buffer, at: number, value: Buffer, start: number, length: number): void {
  der[at] = 0x02;
  der[at + 1] = length;
  value.copy(der, at + 2 + length - (scalarBytes - start), start);
}
