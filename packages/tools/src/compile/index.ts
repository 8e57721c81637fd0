export { type CompileInput, type CompileResult, compile } from "./compiler.js"
export { encodeDescriptorSet } from "./descriptor-set.js"
export { type Diagnostic, formatDiagnostic } from "./diagnostics.js"
export { type MarkedLine, SourceLines, type SourcePlace, type SourceRange } from "./source-lines.js"
