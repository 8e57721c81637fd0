import type { FormatDataServicer } from "./gen/data_grpc.js"

export const formatData: FormatDataServicer = {
  doFormat(data) {
    return { text: data.text.toUpperCase() }
  },
}
