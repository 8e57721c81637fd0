export {
  type CompileInput,
  type CompileResult,
  compile,
  type Diagnostic,
  encodeDescriptorSet,
  formatDiagnostic,
} from "./compile/index.js"
export { type GeneratedFile, generate } from "./generate/generate.js"
