/**
 * True when a modulus bears the fingerprint of ROCA (CVE-2017-15361): Infineon chips made primes whose residues are
 * powers of 65537, so that the private key can be computed. A sound modulus passes for one once in 2^27.
 * Source: Nemec et al., "The Return of Coppersmith's Attack", CCS 2017, section 2.
 */
export function hasRocaFingerprint(modulus: bigint): boolean {
  return oddPrimes.every((prime) => isPowerOf65537(Number(modulus % BigInt(prime)), prime));
}

const oddPrimes: number[] = [];
for (let odd = 3; odd <= 167; odd += 2) if (oddPrimes.every((prime) => odd % prime)) oddPrimes.push(odd);

function isPowerOf65537(residue: number, prime: number): boolean {
  for (let power = 1, i = 0; i < prime; i++, power = (power * 65_537) % prime) if (power === residue) return true;
  return false;
}
