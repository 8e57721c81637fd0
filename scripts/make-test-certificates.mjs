import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { isMain, main, root, run } from "./step.mjs"

const usage = `node scripts/make-test-certificates.mjs

Makes the certificates and keys of tests and benchmarks anew, in
packages/farcall/src/test-support/certificates; wants the program openssl. They are committed, so that those who only
run tests need none. They hold for a century, but for the one that is to have expired, and protect nothing: the keys are
for all to see.`

const folder = join(root, "packages/farcall/src/test-support/certificates")

const begin = "20200101000000Z"
const end = "21260101000000Z"
const serverNames = "DNS:localhost,DNS:*.test.example,IP:127.0.0.1,IP:::1"
const ecKey = ["EC", "-pkeyopt", "ec_paramgen_curve:P-256"]
const clientNames = "URI:spiffe://test.example/client,DNS:client.test.example"

/** Each by the name of its file; whose key signs it, whom it is for, and as what. */
const certificates = {
  authority: authority("authority"),
  "other-authority": authority("other-authority"),
  server: server("authority", serverNames),
  renewed: server("authority", serverNames),
  second: { ...server("authority", "DNS:second.example"), key: ["RSA", "-pkeyopt", "rsa_keygen_bits:2048"] },
  elsewhere: server("authority", "DNS:elsewhere.example,DNS:www.elsewhere.example"),
  expired: { ...server("authority", serverNames), until: "20200201000000Z" },
  client: client("authority", clientNames),
  stranger: client("other-authority", clientNames),
}

function authority(name) {
  return {
    issuer: name,
    extensions: ["basicConstraints = critical,CA:TRUE", "keyUsage = critical,keyCertSign,cRLSign"],
  }
}

function server(issuer, names) {
  return { issuer, extensions: leaf("serverAuth", names) }
}

function client(issuer, names) {
  return { issuer, extensions: leaf("clientAuth", names) }
}

function leaf(use, names) {
  return ["basicConstraints = critical,CA:FALSE", `extendedKeyUsage = ${use}`, `subjectAltName = ${names}`]
}

if (isMain(import.meta)) {
  await main(usage, {}, async () => {
    const work = await mkdtemp(join(tmpdir(), "farcall-certificates-"))
    try {
      for (const [name, description] of Object.entries(certificates)) await makeCertificate(work, name, description)
    } finally {
      await rm(work, { recursive: true })
    }
  })
}

/** The keys of authorities are not kept: nothing can be added later without making all anew. */
async function makeCertificate(work, name, { issuer, extensions, until = end, key = ecKey }) {
  const selfSigned = issuer === name
  const keyFile = selfSigned ? join(work, `${name}.key.pem`) : join(folder, `${name}.key.pem`)
  const request = join(work, `${name}.csr`)
  const config = join(work, `${name}.cnf`)
  await openssl("genpkey", "-algorithm", ...key, "-out", keyFile)
  await openssl("req", "-new", "-key", keyFile, "-subj", `/O=Farcall tests/CN=${name}`, "-out", request)
  await writeFile(join(work, `${name}.db`), "")
  await writeFile(config, configOf(work, name, extensions))
  const signer = selfSigned ? ["-selfsign"] : ["-cert", join(folder, `${issuer}.pem`)]
  const how = ["-batch", "-notext", "-config", config, "-startdate", begin, "-enddate", until]
  const files = ["-keyfile", join(work, `${issuer}.key.pem`), "-in", request, "-out", join(folder, `${name}.pem`)]
  await openssl("ca", ...how, ...signer, ...files)
}

function configOf(work, name, extensions) {
  return `[ca]
default_ca = authority
[authority]
database = ${join(work, `${name}.db`)}
new_certs_dir = ${work}
rand_serial = yes
default_md = sha256
policy = names
x509_extensions = extensions
[names]
organizationName = supplied
commonName = supplied
[extensions]
${extensions.join("\n")}
`
}

function openssl(...args) {
  return run("openssl", args, { show: false })
}
