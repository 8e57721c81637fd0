import type { DescFile } from "@bufbuild/protobuf"
import type { ImportExtension } from "./options.js"

/** A generated module below the output folder, as an import sees it: `./helloworld/greeter_pb.js`. */
export function modulePath(file: DescFile, suffix: "pb" | "codec" | "grpc"): string {
  return `./${file.name}_${suffix}.js`
}

/** How a module below the output folder, `./helloworld/greeter_pb.js`, imports another; packages keep their name. */
export function relativeModule(from: string, to: string, extension: ImportExtension = "js"): string {
  if (!to.startsWith("./")) return to
  const folder = from.slice(2).split("/").slice(0, -1)
  const target = to.slice(2).split("/")
  let shared = 0
  while (shared < folder.length && shared < target.length - 1 && folder[shared] === target[shared]) shared++
  const steps = folder.slice(shared).map(() => "..")
  const path = [...steps, ...target.slice(shared)]
    .join("/")
    .replace(/\.js$/, extension === "none" ? "" : `.${extension}`)
  return steps.length > 0 ? path : `./${path}`
}
