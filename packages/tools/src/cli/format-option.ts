import { Option } from "commander"
import { DIAGNOSTIC_FORMATS } from "./report.js"

/** `--format`, of every command that compiles .proto files. */
export function formatOption(): Option {
  return new Option(
    "--format <format>",
    "how errors and warnings are told: text for people, on stderr; json, one document on stdout; github for annotations " +
      "of GitHub Actions; gcc or msvs as protoc does",
  )
    .choices(DIAGNOSTIC_FORMATS)
    .default("text")
}
