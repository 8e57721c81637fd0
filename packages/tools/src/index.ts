export {
  type CompileInput,
  type CompileResult,
  compile,
  type Diagnostic,
  encodeDescriptorSet,
  formatDiagnostic,
} from "./compile/index.js"
export { type GeneratedFile, generate } from "./generate/generate.js"
export type { EnumStyle, GenerateOptions, ImportExtension, Output } from "./generate/options.js"
export { answerPluginRequest } from "./generate/plugin.js"
export { fromText, type TextReadOptions, textToBinary } from "./text-format/from-text.js"
export { TextFormatError } from "./text-format/text-format-error.js"
export { type TextWriteOptions, toText } from "./text-format/to-text.js"
