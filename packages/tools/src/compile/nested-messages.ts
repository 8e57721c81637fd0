import type { DescriptorProto, SourceCodeInfo_Location } from "@bufbuild/protobuf/wkt"
import type { Path } from "./source-info.js"

/** Where the messages go that come of fields: entries of maps, bodies of groups. */
export interface NestedMessages {
  readonly list: DescriptorProto[]
  readonly path: Path
  /** Parses a message's statements between braces. */
  readonly parseBody: (message: DescriptorProto, path: Path, location: SourceCodeInfo_Location) => void
}
