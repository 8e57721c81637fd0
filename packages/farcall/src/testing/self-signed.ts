import { generateKeyPairSync, randomBytes, sign } from "node:crypto"

/** A certificate that has signed itself, and its key, in PEM. */
export interface SelfSigned {
  readonly cert: string
  readonly key: string
}

/**
 * Makes a certificate for `localhost`, 127.0.0.1 and ::1, for tests: whoever is to believe it takes it for an authority.
 * Node reads certificates and writes none, so this writes the one kind that is needed (RFC 5280 §4.1), on P-256.
 */
export function selfSigned(): SelfSigned {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" })
  const name = sequence(set(sequence(oid(COMMON_NAME), der(UTF8_STRING, Buffer.from("farcall/testing")))))
  const signed = sequence(
    explicit(0, der(INTEGER, Buffer.of(2))), // version 3
    der(INTEGER, Buffer.concat([Buffer.of(1), randomBytes(15)])),
    sequence(oid(ECDSA_WITH_SHA256)),
    name,
    sequence(der(UTC_TIME, Buffer.from("000101000000Z")), der(GENERALIZED_TIME, Buffer.from("21000101000000Z"))),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    explicit(3, sequence(sequence(oid(SUBJECT_ALT_NAME), der(OCTET_STRING, alternativeNames)))),
  )
  const signature = sign("sha256", signed, privateKey)
  const certificate = sequence(signed, sequence(oid(ECDSA_WITH_SHA256)), der(BIT_STRING, Buffer.of(0), signature))
  return { cert: pem("CERTIFICATE", certificate), key: privateKey.export({ type: "pkcs8", format: "pem" }) as string }
}

/** Tags and object identifiers (X.690; RFC 5280, RFC 5758). */
const INTEGER = 0x02
const BIT_STRING = 0x03
const OCTET_STRING = 0x04
const OBJECT_IDENTIFIER = 0x06
const UTF8_STRING = 0x0c
const UTC_TIME = 0x17
const GENERALIZED_TIME = 0x18
const SEQUENCE = 0x30
const SET = 0x31
const DNS_NAME = 0x82
const IP_ADDRESS = 0x87
const COMMON_NAME = "550403"
const SUBJECT_ALT_NAME = "551d11"
const ECDSA_WITH_SHA256 = "2a8648ce3d040302"

const alternativeNames = sequence(
  der(DNS_NAME, Buffer.from("localhost")),
  der(IP_ADDRESS, Buffer.of(127, 0, 0, 1)),
  der(IP_ADDRESS, Buffer.concat([Buffer.alloc(15), Buffer.of(1)])),
)

/** A tag, the length, and the content, which is never 64 KiB. */
function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  const { length } = content
  const head = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.of(tag, ...head), content])
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(SEQUENCE, ...parts)
}

function set(...parts: readonly Buffer[]): Buffer {
  return der(SET, ...parts)
}

function oid(hex: string): Buffer {
  return der(OBJECT_IDENTIFIER, Buffer.from(hex, "hex"))
}

function explicit(number: number, content: Buffer): Buffer {
  return der(0xa0 + number, content)
}

function pem(label: string, bytes: Buffer): string {
  const lines = bytes.toString("base64").replace(/.{64}/g, "$&\n").trimEnd()
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`
}
