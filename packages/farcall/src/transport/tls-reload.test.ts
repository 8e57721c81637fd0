import assert from "node:assert/strict"
import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, it } from "node:test"
import { connect } from "node:tls"
import { createChannel } from "../client/channel.js"
import { createClient } from "../client/client.js"
import { createServer } from "../server/server.js"
import { authority, certificateFile, identity } from "../test-support/certificates.js"
import { failureOf } from "../test-support/outcome.js"
import { Parrot } from "../test-support/parrot.js"
import { type VirtualClock, virtualClock } from "../testing/virtual-clock.js"
import { type TlsCredentials, tls } from "./tls-credentials.js"
import type { TlsIdentity, TlsOptions } from "./tls-options.js"

/** A certificate and key in files of their own, which can be exchanged. */
class ChangingFiles implements TlsIdentity, AsyncDisposable {
  readonly cert: string
  readonly key: string
  private readonly folder: string

  private constructor(folder: string) {
    this.folder = folder
    this.cert = join(folder, "it.pem")
    this.key = join(folder, "it.key.pem")
  }

  static async make(name: Parameters<typeof identity>[0]): Promise<ChangingFiles> {
    const files = new ChangingFiles(await mkdtemp(join(tmpdir(), "farcall-")))
    await files.become(name)
    return files
  }

  async become(name: Parameters<typeof identity>[0]): Promise<void> {
    await copyFile(certificateFile(`${name}.pem`), this.cert)
    await copyFile(certificateFile(`${name}.key.pem`), this.key)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true })
  }
}

describe("certificates of a server that are exchanged", () => {
  it("are shown from the next handshake on, when told to; connections that stand go on", async () => {
    await using files = await ChangingFiles.make("server")
    await using scene = await serving({ cert: files.cert, key: files.key })
    await using channel = createChannel(`127.0.0.1:${scene.port}`, { credentials: tls({ ca: authority }) })
    const client = createClient(Parrot, channel)
    await client.say({ text: "" })
    const connection = channel.state
    assert.equal(await scene.shown(), "server")
    await files.become("renewed")
    assert.equal(await scene.shown(), "server")
    await scene.credentials.reload()
    assert.equal(await scene.shown(), "renewed")
    assert.deepEqual(await client.say({ text: "still there" }), { text: "still there" })
    assert.equal(channel.state, connection)
    assert.deepEqual(scene.errors, [])
  })

  it("are seen by a handshake that begins a minute later", async () => {
    await using files = await ChangingFiles.make("server")
    await using scene = await serving({ cert: files.cert, key: files.key })
    assert.equal(await scene.shown(), "server")
    await files.become("renewed")
    await scene.clock.advance(59_999)
    assert.equal(await scene.shown(), "server")
    await scene.clock.advance(1)
    assert.equal(await scene.shown(), "renewed")
  })

  it("that cannot be used are told of, and those before stay", async () => {
    await using files = await ChangingFiles.make("server")
    await using scene = await serving({ cert: files.cert, key: files.key, reloadEveryMs: 0 })
    await writeFile(files.cert, "-----BEGIN CERTIFICATE-----\nbroken\n-----END CERTIFICATE-----\n")
    assert.equal(await scene.shown(), "server")
    assert.match(scene.errors[0]!, /^tls: cert \(.*it\.pem\) is no certificate in PEM: /)
    await copyFile(certificateFile("renewed.pem"), files.cert)
    await assert.rejects(scene.credentials.reload(), /^TypeError: tls: key \(.*\) does not belong to cert \(.*\)$/)
    assert.equal(await scene.shown(), "server")
    await rm(files.key)
    await assert.rejects(scene.credentials.reload(), /^Error: tls: cannot read key \(.*it\.key\.pem\): ENOENT/)
    await files.become("renewed")
    assert.equal(await scene.shown(), "renewed")
  })
})

describe("a certificate of a client that is exchanged", () => {
  it("is what its next connection shows", async () => {
    await using files = await ChangingFiles.make("stranger")
    await using scene = await serving({ ...identity("server"), ca: authority, clientCertificates: "require" })
    const credentials = tls({ ca: authority, cert: files.cert, key: files.key })
    await using refused = createChannel(`127.0.0.1:${scene.port}`, { credentials })
    assert.equal((await failureOf(createClient(Parrot, refused).say({ text: "" }))).code, "UNAVAILABLE")
    await files.become("client")
    await credentials.reload()
    await using channel = createChannel(`127.0.0.1:${scene.port}`, { credentials })
    assert.deepEqual(await createClient(Parrot, channel).say({ text: "a" }), { text: "a" })
  })
})

describe("what tls() is given", () => {
  const { cert, key } = identity("server")
  const wrong: readonly [unknown, RegExp][] = [
    [{ cert }, /^TypeError: tls: cert is given without key$/],
    [{ key }, /^TypeError: tls: key is given without cert$/],
    [{ cert, key: identity("client").key }, /^TypeError: tls: key \(.*client\.key\.pem\) does not belong to cert/],
    [{ cert: "/no/such.pem", key }, /^Error: tls: cannot read cert \(\/no\/such\.pem\): ENOENT/],
    [{ cert: key, key }, /^TypeError: tls: cert \(.*server\.key\.pem\) is no certificate in PEM/],
    [{ cert, key: cert }, /^TypeError: tls: key \(.*server\.pem\) is no private key in PEM/],
    [{ ca: new Uint8Array([1, 2]) }, /^TypeError: tls: ca is no certificate in PEM/],
    [{ clientCertificates: "always" }, /^TypeError: tls: clientCertificates is "always", and must be one of none,/],
    [{ minVersion: "TLSv1" }, /^TypeError: tls: minVersion is "TLSv1", and must be one of TLSv1\.2, TLSv1\.3$/],
    [{ serverName: "" }, /^TypeError: tls: serverName must be a host's name$/],
    [{ reloadEveryMs: -1 }, /^RangeError: tls: reloadEveryMs is -1, and must not be below 0$/],
    [{ reloadEveryMs: "1s" }, /^TypeError: tls: reloadEveryMs must be a number, not "1s"$/],
  ]
  for (const [options, error] of wrong) {
    it(`is refused at once: ${error.source}`, () => {
      assert.throws(() => tls(options as TlsOptions), error)
    })
  }

  it("must be what Node can make TLS of, where it is to listen", async () => {
    await using server = createServer()
    const credentials = tls({ cert, key, secureContext: { ciphers: "NO-SUCH-SUITE" } })
    await assert.rejects(server.listen("127.0.0.1:0", { credentials }), /no cipher match/i)
  })

  it("must have a certificate where it is to listen", async () => {
    await using server = createServer()
    await assert.rejects(
      server.listen("127.0.0.1:0", { credentials: tls() }),
      /TypeError: listen: tls\(\) needs cert and key/,
    )
  })
})

interface Scene extends AsyncDisposable {
  readonly clock: VirtualClock
  readonly credentials: TlsCredentials
  readonly port: number
  readonly errors: string[]
  /** The common name of the certificate that a new connection is shown. */
  shown(): Promise<string>
}

async function serving(options: TlsOptions): Promise<Scene> {
  const clock = virtualClock()
  const errors: string[] = []
  const credentials = tls({ onReloadError: (error) => errors.push(error.message), ...options })
  const server = createServer({ clock }).add(Parrot, { say: (request) => request })
  const { port } = await server.listen("127.0.0.1:0", { credentials })
  return {
    clock,
    credentials,
    port: port!,
    errors,
    shown: () =>
      new Promise((resolve, reject) => {
        const socket = connect(
          { host: "127.0.0.1", port: port!, rejectUnauthorized: false, ALPNProtocols: ["h2"] },
          () => {
            resolve(String(socket.getPeerCertificate().subject.CN))
            socket.destroy()
          },
        )
        socket.on("error", reject)
      }),
    async [Symbol.asyncDispose]() {
      await server.shutdown({ graceMs: 0 })
    },
  }
}
