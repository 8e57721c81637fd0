/** How a connection proves who it talks to, and keeps what is said on it private. */
export type Credentials = InsecureCredentials

/** Plaintext: no proof, no privacy. */
export interface InsecureCredentials {
  readonly kind: "insecure"
}

/**
 * Says that plaintext is meant. Only needed where it can leave the machine: a client's target or a server's address
 * that is neither loopback nor a unix socket.
 */
export function insecure(): InsecureCredentials {
  return insecureCredentials
}

const insecureCredentials: InsecureCredentials = Object.freeze({ kind: "insecure" })

/**
 * The rule for both sides: plaintext that can leave the machine must be said in so many words.
 * @param where the function that the user called, for the error
 * @param what the target or address, as the user gave it
 * @param local whether all of it is loopback, a unix socket or memory
 * @throws TypeError when it is not local and no credentials were given, or when `credentials` are of no known kind.
 */
export function checkCredentials(
  where: string,
  what: string,
  local: boolean,
  credentials: Credentials | undefined,
): Credentials {
  if (credentials === undefined) {
    if (local) return insecureCredentials
    throw new TypeError(
      `${where}: ${JSON.stringify(what)} is not on this machine, and plaintext must be said: pass { credentials: insecure() }`,
    )
  }
  if (credentials?.kind !== "insecure") {
    throw new TypeError(`${where}: credentials must be made by insecure(), not ${typeof credentials}`)
  }
  return credentials
}
