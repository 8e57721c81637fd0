import { generateKeyPairSync } from "node:crypto"
import { once } from "node:events"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { account } from "../../interop/dist/account.js"

/**
 * The service account of per_rpc_creds, for as long as a run takes: a key file of Google's form, whose private key was made
 * for it, and the place where Go's client fetches a token with it. Nobody looks at what it signs: all clients show the
 * one token that the servers know.
 */
export class ServiceAccount {
  readonly flags: readonly string[]
  private readonly folder: string
  private readonly tokens: Server

  private constructor(folder: string, keyFile: string, tokens: Server) {
    this.folder = folder
    this.tokens = tokens
    this.flags = [`--service_account_key_file=${keyFile}`, `--oauth_scope=${account.scope}`]
  }

  static async create(): Promise<ServiceAccount> {
    const tokens = createServer((request, response) => {
      request.resume()
      response.setHeader("content-type", "application/json")
      response.end(JSON.stringify({ access_token: account.access_token, token_type: "Bearer", expires_in: 3_600 }))
    })
    tokens.listen(0, "127.0.0.1")
    await once(tokens, "listening")
    const folder = await mkdtemp(join(tmpdir(), "farcall-interop-"))
    const keyFile = join(folder, "account.json")
    const { privateKey } = generateKeyPairSync("rsa", {
      modulusLength: 2048,
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
      publicKeyEncoding: { type: "spki", format: "pem" },
    })
    const key = {
      type: "service_account",
      client_email: account.client_email,
      private_key_id: "made-for-one-run",
      private_key: privateKey,
      token_uri: `http://127.0.0.1:${(tokens.address() as AddressInfo).port}/token`,
      access_token: account.access_token,
    }
    await writeFile(keyFile, JSON.stringify(key))
    return new ServiceAccount(folder, keyFile, tokens)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.tokens.closeAllConnections()
    this.tokens.close()
    await rm(this.folder, { recursive: true })
  }
}
