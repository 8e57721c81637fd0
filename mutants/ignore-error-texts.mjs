import { declareValuePlugin, PluginKind } from "@stryker-mutator/api/plugin"

/** What is called with a text for people: the constructors of errors, and functions that make, throw or report one. */
const tellers = /(Error|Here|^calm|^error|^warning|^fail|^mistake)$/

/** Leaves out texts of errors: a word in them that is wrong breaks nobody's program. What is computed beside them is not. */
const ignorer = {
  shouldIgnore(path) {
    if (!path.isStringLiteral() && !path.isTemplateLiteral()) return undefined
    const { parent } = path
    if (parent.type !== "NewExpression" && parent.type !== "CallExpression") return undefined
    const { callee } = parent
    const name = callee.type === "MemberExpression" ? callee.property.name : callee.name
    return parent.arguments.includes(path.node) && tellers.test(name) ? "the text of an error" : undefined
  },
}

export const strykerPlugins = [declareValuePlugin(PluginKind.Ignore, "error-texts", ignorer)]
