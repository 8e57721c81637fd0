export {
  type CompileInput,
  type CompileResult,
  compile,
  type Diagnostic,
  encodeDescriptorSet,
  formatDiagnostic,
} from "./compile/index.js"
