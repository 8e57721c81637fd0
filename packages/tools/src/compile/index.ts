export { type CompileInput, type CompileResult, compile } from "./compiler.js"
export { type Diagnostic, formatDiagnostic } from "./diagnostics.js"
