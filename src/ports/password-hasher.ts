/** Hashes passwords for keeping, slowly on purpose and off the calling thread. */
export interface PasswordHasher {
  hash(password: string): Promise<string>
  /**
   * Whether a password is the one that was hashed. Without a hash (there is no such account) the answer is false
   * and takes as long as a wrong password, so that timing does not tell which accounts exist.
   */
  verify(password: string, hash: string | undefined): Promise<boolean>
}

/**
 * argon2id with the first parameters of the OWASP password storage cheat sheet that stay under 20 MiB a hash
 * (19 MiB, 2 passes), so that a burst of logins cannot exhaust memory.
 */
export function argon2idHasher(cost = { memoryKib: 19_456, passes: 2 }): PasswordHasher {
  const hash = (password: string) =>
    Bun.password.hash(password, { algorithm: 'argon2id', memoryCost: cost.memoryKib, timeCost: cost.passes })
  let decoy: Promise<string> | undefined
  return {
    hash,
    async verify(password, stored) {
      decoy ??= hash(crypto.randomUUID())
      // A stored value that is no hash makes the verifier throw; to the caller that is a wrong password.
      const matches = await Bun.password.verify(password, stored ?? (await decoy)).catch(() => false)
      return matches && stored !== undefined
    },
  }
}
