import { checkEnumJsonString, checkEnumJsonStrings } from "./enum-json-strings.js"
import { checkEnumValues } from "./enum-values.js"
import { checkExtensionRangeOptions } from "./extension-declarations.js"
import { checkFieldFeatures, checkFileFeatures } from "./feature-presence.js"
import { checkEnumValueSupport, checkFieldSupport } from "./feature-support.js"
import { checkJsonNames } from "./json-name-conflicts.js"
import type { LinkContext } from "./link-context.js"
import { checkLiteImports, checkLiteService } from "./lite.js"
import { checkProto3 } from "./proto3-rules.js"
import { enclosing } from "./symbols.js"
import { validateField } from "./validate-field.js"
import { visitFile } from "./visit.js"

/** Checks what can be told only of a file whose names are resolved and whose options are set. */
export function validateFile(context: LinkContext): void {
  visitFile(context.file.proto, (node, name, parent) => {
    switch (node.$typeName) {
      case "google.protobuf.FileDescriptorProto":
        checkFileFeatures(context)
        checkLiteImports(context)
        if (node.syntax === "proto3") checkProto3(context)
        break
      case "google.protobuf.DescriptorProto":
        checkJsonNames(context, node)
        checkExtensionRangeOptions(context, node)
        break
      case "google.protobuf.EnumDescriptorProto":
        checkEnumValues(context, node, enclosing(name))
        checkEnumJsonStrings(context, node)
        break
      case "google.protobuf.EnumValueDescriptorProto":
        checkEnumValueSupport(context, node, name)
        checkEnumJsonString(context, node)
        break
      case "google.protobuf.FieldDescriptorProto":
        checkFieldSupport(context, node, name)
        checkFieldFeatures(context, node, parent)
        validateField(context, node, name, parent)
        break
      case "google.protobuf.ServiceDescriptorProto":
        checkLiteService(context, node)
        break
    }
  })
}
