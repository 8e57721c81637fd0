import { resolveTxt } from "node:dns/promises"
import { hostname } from "node:os"
import { JsonPlace } from "../client/json-place.js"
import type { ServiceConfigJson } from "../client/service-config.js"
import { withReason } from "../core/reason.js"

/** Finds the TXT records of a name, each in pieces; rejects when there are none. */
export type TextLookup = (name: string) => Promise<readonly (readonly string[])[]>

/** The system's DNS servers. */
export const systemTextLookup: TextLookup = (name) => resolveTxt(name)

/** Who chooses. */
export interface Chooser {
  readonly hostname: string
  /** By chance, from 0 up to 100: the same for as long as it chooses, so that it does not go to and fro. */
  readonly lot: number
}

export function chooserOf(random: () => number): Chooser {
  return { hostname: hostname(), lot: random() * 100 }
}

/**
 * Looks up what DNS says of how calls to a host are to be made (gRPC A2): TXT records of `_grpc_config.` and its name.
 * Nothing is said where there are none, nor where they cannot be had. An Error stands for one that is wrong.
 */
export async function lookupServiceConfig(
  host: string,
  lookup: TextLookup,
  chooser: Chooser,
): Promise<ServiceConfigJson | Error | undefined> {
  let records: readonly (readonly string[])[]
  try {
    records = await lookup(`_grpc_config.${host}`)
  } catch {
    return undefined
  }
  const text = records.map((pieces) => pieces.join("")).find((record) => record.startsWith(ATTRIBUTE))
  if (text === undefined) return undefined
  try {
    return chooseServiceConfig(text.slice(ATTRIBUTE.length), chooser)
  } catch (error) {
    return error as Error
  }
}

/** RFC 1464's way of naming what a TXT record says. */
const ATTRIBUTE = "grpc_config="

/**
 * Of a list of choices, in JSON, the service config of the first one that is for this client.
 * @throws Error when the list, or any choice in it, is wrong
 */
export function chooseServiceConfig(text: string, chooser: Chooser): ServiceConfigJson | undefined {
  const list = new JsonPlace("grpc_config", JSON.parse(text))
  const choices = list
    .required()
    .items()
    .map((place) => readChoice(place, chooser))
  if (list.faults.length > 0) throw withReason("FARCALL_BAD_SERVICE_CONFIG", new TypeError(list.faults.join("\n")))
  return choices.find(({ matches }) => matches)?.config
}

function readChoice(place: JsonPlace, { hostname, lot }: Chooser): { matches: boolean; config: ServiceConfigJson } {
  for (const key of Object.keys(place.required().object()?.value ?? {})) {
    if (!known.has(key)) place.field(key).fault("is no field of a choice")
  }
  const languages = texts(place.field("clientLanguage")).map((language) => language.toLowerCase())
  const hostnames = texts(place.field("clientHostname"))
  const percentage = place.field("percentage").integer(0, 100) ?? 100
  const matches =
    (languages.length === 0 || languages.includes(OWN_LANGUAGE)) &&
    (hostnames.length === 0 || hostnames.includes(hostname)) &&
    lot < percentage
  return { matches, config: place.field("serviceConfig").required().object()?.value as ServiceConfigJson }
}

function texts(list: JsonPlace): string[] {
  return list.items().map((item) => item.required().text() ?? "")
}

const known: ReadonlySet<string> = new Set(["clientLanguage", "percentage", "clientHostname", "serviceConfig"])

/** As gRPC's other implementation on Node calls itself. */
const OWN_LANGUAGE = "node"
