import { create } from "@bufbuild/protobuf"
import type {
  DescriptorProto,
  DescriptorProto_ExtensionRange,
  DescriptorProto_ReservedRange,
  EnumDescriptorProto,
  EnumDescriptorProto_EnumReservedRange,
  EnumValueDescriptorProto,
  FieldDescriptorProto,
  MethodDescriptorProto,
  OneofDescriptorProto,
  ServiceDescriptorProto,
  SourceCodeInfo_Location,
} from "@bufbuild/protobuf/wkt"
import { SourceCodeInfo_LocationSchema } from "@bufbuild/protobuf/wkt"
import type { Position } from "./diagnostics.js"

/** A place in a FileDescriptorProto: field numbers, and indices for repeated fields (descriptor.proto, `SourceCodeInfo`). */
export type Path = readonly number[]

/** What of a file can be wrong, apart from its imports and options, which keep their own positions. */
export type DescriptorNode =
  | DescriptorProto
  | DescriptorProto_ExtensionRange
  | DescriptorProto_ReservedRange
  | EnumDescriptorProto
  | EnumDescriptorProto_EnumReservedRange
  | EnumValueDescriptorProto
  | FieldDescriptorProto
  | MethodDescriptorProto
  | OneofDescriptorProto
  | ServiceDescriptorProto

/** What about it is wrong. protoc's ErrorCollector::ErrorLocation. */
export type Aspect = "name" | "number" | "type" | "extendee" | "default" | "json" | "input" | "output"

/**
 * The spans of a file's declarations. They become its SourceCodeInfo; and since a span begins where protoc puts the error
 * that concerns it, they tell as well where a node stands, looked up only when something is wrong.
 */
export class SourceInfo {
  /** In the order in which the declarations begin. */
  readonly locations: SourceCodeInfo_Location[] = []
  private readonly dropped = new Set<SourceCodeInfo_Location>()
  private readonly droppedPaths = new Set<string>()
  private readonly sharingExtendee = new Set<DescriptorNode>()
  private readonly paths = new Map<DescriptorNode, Path>()
  private readonly standIns = new Map<DescriptorNode, Path>()
  /** Made when the first error needs it. */
  private starts: Map<string, Position> | undefined = undefined

  /** Begins a location; its path may be given later. */
  open(path: Path, line: number, column: number): SourceCodeInfo_Location {
    const location: SourceCodeInfo_Location = new LocationMessage(path as number[], [line, column])
    this.locations.push(location)
    return location
  }

  /** Ends a location. Its end line is left out when it is the line it began on. */
  close(location: SourceCodeInfo_Location, endLine: number, endColumn: number): void {
    const { span } = location
    if (span.length > 2) return
    if (endLine !== span[0]) span.push(endLine)
    span.push(endColumn)
  }

  /** Forgets a location: what stands there is not in the descriptor. */
  drop(location: SourceCodeInfo_Location): void {
    this.dropped.add(location)
  }

  /** Forgets the locations of these options: nothing of them is in the descriptor. */
  dropBelow(path: Path): void {
    this.droppedPaths.add(path.join("."))
  }

  /** The locations of what is in the descriptor. */
  get kept(): SourceCodeInfo_Location[] {
    const { dropped, droppedPaths, locations } = this
    if (dropped.size === 0 && droppedPaths.size === 0) return locations
    const isBelowDropped = ({ path }: SourceCodeInfo_Location): boolean =>
      path.some((_, i) => droppedPaths.has(path.slice(0, i + 1).join(".")))
    return locations.filter(
      (location) => !dropped.has(location) && !(droppedPaths.size > 0 && isBelowDropped(location)),
    )
  }

  /** The path of a node that was placed. */
  pathOf(node: DescriptorNode): Path | undefined {
    return this.paths.get(node)
  }

  /** Says which path a node has, so that `position` can find it. */
  place(node: DescriptorNode, path: Path): void {
    this.paths.set(node, path)
  }

  /** Says that a node which nobody wrote comes of what has this path. */
  placeBeside(node: DescriptorNode, path: Path): void {
    this.standIns.set(node, path)
  }

  /** Says that an extension shares what it extends with the one before it, which has the place of it. */
  shareExtendee(node: DescriptorNode): void {
    this.sharingExtendee.add(node)
  }

  /** Where an aspect of a node stands; undefined for what has no place of its own in the file, such as map entries. */
  position(node: DescriptorNode, aspect: Aspect): Position | undefined {
    const path = this.paths.get(node)
    if (!path || (aspect === "extendee" && this.sharingExtendee.has(node))) return undefined
    return this.find(...aspectTags(node, aspect).map((tags) => [...path, ...tags]))
  }

  /** Where a node's name stands, or else the node, or what it is in; for a map's entry, the map. */
  nearest(node: DescriptorNode): Position | undefined {
    let path = this.paths.get(node) ?? this.standIns.get(node) ?? []
    for (; path.length > 0; path = path.slice(0, -2)) {
      const position = this.find([...path, ...NAME[0]!], path)
      if (position) return position
    }
    return undefined
  }

  /** Where the first location with the first of these paths begins that has one. Asked only of a file parsed to its end. */
  find(...paths: Path[]): Position | undefined {
    this.starts ??= startsByPath(this.locations)
    for (const path of paths) {
      const start = this.starts.get(path.join("."))
      if (start) return start
    }
    return undefined
  }
}

/**
 * What `create(SourceCodeInfo_LocationSchema)` makes, without the arrays that would be replaced at once: there is one for
 * every few tokens of a file.
 */
class LocationMessage {
  readonly $typeName = "google.protobuf.SourceCodeInfo.Location"
  path: number[]
  span: number[]
  leadingDetachedComments: string[] = []
  declare leadingComments: string
  declare trailingComments: string

  constructor(path: number[], span: number[]) {
    this.path = path
    this.span = span
  }
}
// The defaults of fields that are not set are inherited.
Object.setPrototypeOf(LocationMessage.prototype, Object.getPrototypeOf(create(SourceCodeInfo_LocationSchema)))

function startsByPath(locations: readonly SourceCodeInfo_Location[]): Map<string, Position> {
  const starts = new Map<string, Position>()
  for (const { path, span } of locations) {
    const key = path.join(".")
    if (!starts.has(key)) starts.set(key, { line: span[0] as number, column: span[1] as number })
  }
  return starts
}

/**
 * Where, within a node, an aspect of it stands: the field numbers of descriptor.proto, in order of preference. Protoc keeps
 * places for these only; an error that concerns anything else has none.
 */
function aspectTags(node: DescriptorNode, aspect: Aspect): readonly Path[] {
  switch (node.$typeName) {
    case "google.protobuf.DescriptorProto.ReservedRange":
    case "google.protobuf.DescriptorProto.ExtensionRange":
    case "google.protobuf.EnumDescriptorProto.EnumReservedRange":
      return aspect === "number" ? WHOLE : NOWHERE
    case "google.protobuf.FieldDescriptorProto":
      return FIELD_TAGS[aspect] ?? NOWHERE
    case "google.protobuf.EnumValueDescriptorProto":
      return aspect === "number" ? [[2]] : onlyName(aspect)
    case "google.protobuf.MethodDescriptorProto":
      return aspect === "input" ? [[2]] : aspect === "output" ? [[3]] : onlyName(aspect)
    case "google.protobuf.OneofDescriptorProto":
      return NOWHERE
    default:
      return onlyName(aspect)
  }
}

const WHOLE: readonly Path[] = [[]]
const NOWHERE: readonly Path[] = []
const NAME: readonly Path[] = [[1]]

function onlyName(aspect: Aspect): readonly Path[] {
  return aspect === "name" ? NAME : NOWHERE
}

const FIELD_TAGS: Partial<Record<Aspect, readonly Path[]>> = {
  name: NAME,
  number: [[3]],
  type: [[5], [6]],
  extendee: [[2]],
  default: [[7]],
  json: [[10]],
}
