import { Edition, EditionSchema, type FileDescriptorProto } from "@bufbuild/protobuf/wkt"

/** The first and the last edition that files may be written in. */
export const MINIMUM_EDITION: Edition = Edition.EDITION_PROTO2
export const MAXIMUM_EDITION: Edition = Edition.EDITION_2026

/** What the next edition may become; files in it are read, and refused at the end. */
export const UNSTABLE_EDITION: Edition = Edition.EDITION_UNSTABLE

const PREFIX = "EDITION_"

/** The edition that a file names (`edition = "2023";`); undefined when there is none of this name. */
export function editionNamed(name: string): Edition | undefined {
  const edition = EditionSchema.values.find((value) => value.name === PREFIX + name)?.number
  return edition === undefined || UNNAMED.has(edition) ? undefined : edition
}

/** Editions that a file has without naming them, by its syntax or not at all. */
const UNNAMED: ReadonlySet<Edition> = new Set([Edition.EDITION_UNKNOWN, Edition.EDITION_PROTO2, Edition.EDITION_PROTO3])

/** As messages name it: `2023`, `PROTO2`. */
export function editionName(edition: Edition): string {
  return EditionSchema.value[edition]?.name.slice(PREFIX.length) ?? String(edition)
}

/** The edition of a file: the syntaxes count as the editions before 2023. */
export function editionOf(file: FileDescriptorProto): Edition {
  if (file.syntax === "editions") return file.edition
  return file.syntax === "proto3" ? Edition.EDITION_PROTO3 : Edition.EDITION_PROTO2
}
