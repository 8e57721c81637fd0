// TS2561: Object literal may only specify known properties, but 'probe' does not exist in type 'HealthOptions'. Did you mean to write 'probes'?

import { createServer } from "farcall"
import { addHealth } from "farcall/health"

addHealth(createServer(), { probe: [] })
