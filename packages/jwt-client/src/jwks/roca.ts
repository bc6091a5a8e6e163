/**
 * True when a modulus bears the fingerprint of ROCA (CVE-2017-15361): Infineon chips made primes whose residues are
 * powers of 65537, so that the private key can be computed. A sound modulus passes for one once in 2^27.
 * Source: Nemec et al., "The Return of Coppersmith's Attack", CCS 2017, section 2.
 */
export function hasRocaFingerprint(modulus: bigint): boolean {
  const oddPrimes: number[] = [];
  for (let odd = 3; odd <= 167; odd += 2) if (oddPrimes.every((prime) => odd % prime)) oddPrimes.push(odd);
  return oddPrimes.every((prime) => {
    const residue = Number(modulus % BigInt(prime));
    let power = 1;
    do power = (power * 65_537) % prime;
    while (power !== 1 && power !== residue); // The powers come round to 1.
    return power === residue;
  });
}
