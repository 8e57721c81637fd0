import { createRequire } from "node:module"
import { dirname } from "node:path"
import { fileURLToPath } from "node:url"
import { type CodecPair, proto3Pairs, wellKnownPairs } from "../../../packages/tools/dist/test-support/codec-pairs.js"
import { conformanceModules, TEST_MESSAGES } from "../../../packages/tools/dist/test-support/conformance-types.js"
import { generatedModules } from "../../../packages/tools/dist/test-support/generated-modules.js"

/** What proto2 and editions have and proto3 has not. */
const SYNTAXES: string = fileURLToPath(new URL("../../../conformance/proto-syntaxes", import.meta.url))

/** Some of Google's own, of many shapes: deep ones, wide ones, recursive ones. */
const googleapis: readonly string[] = [
  "google/api/service.proto",
  "google/cloud/vision/v1/image_annotator.proto",
  "google/container/v1/cluster_service.proto",
  "google/datastore/v1/datastore.proto",
  "google/firestore/v1/firestore.proto",
  "google/monitoring/v3/metric_service.proto",
  "google/pubsub/v1/pubsub.proto",
  "google/spanner/v1/spanner.proto",
  "google/rpc/error_details.proto",
]

/**
 * The message types whose codecs are compared. Those of the conformance suite, which have a field of every kind, come
 * up more often than the many of Google's.
 */
export async function messageTypes(): Promise<CodecPair[]> {
  const pairs: CodecPair[] = []
  const testTypes = conformanceModules()
  for (const proto of TEST_MESSAGES) pairs.push(...(await testTypes.pairs(proto)))
  const rich = [...proto3Pairs, ...pairs.filter(({ schema }) => schema.name.startsWith("TestAllTypes"))]
  const syntaxes = generatedModules(SYNTAXES, ["legacy.proto", "edition.proto"])
  for (const proto of ["legacy.proto", "edition.proto"]) rich.push(...(await syntaxes.pairs(proto)))
  for (let i = 0; i < 20; i++) pairs.push(...rich)
  const folder = dirname(createRequire(import.meta.url).resolve("google-proto-files/package.json"))
  const google = generatedModules(folder, googleapis)
  for (const proto of googleapis) pairs.push(...(await google.pairs(proto)))
  return [...pairs, ...wellKnownPairs]
}
