#!/usr/bin/env node
// Apart from dist, so that npm finds something to link on a fresh clone, before the first build.
import "../dist/cli/protoc-gen-farcall.js"
