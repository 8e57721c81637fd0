/** How deep messages and unknown groups may nest in one another; C++ and @bufbuild/protobuf have the same limit. */
export const MAX_DEPTH = 100
