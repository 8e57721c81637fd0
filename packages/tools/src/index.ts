export { type CompileInput, type CompileResult, compile, type Diagnostic, formatDiagnostic } from "./compile/index.js"
