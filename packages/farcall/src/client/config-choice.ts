import { AppliedConfig } from "./applied-config.js"
import { parseServiceConfig, type ServiceConfigOptions } from "./parse-service-config.js"
import type { Balancing, FoundServiceConfig, ServiceConfig, ServiceConfigJson } from "./service-config.js"

export interface ConfigChoiceOptions extends ServiceConfigOptions {
  readonly balancing?: Balancing["policy"] | undefined
  readonly healthChecks?: boolean | undefined
}

/** Which service config a channel goes by: the one that was found with the addresses, else the one it was given (gRPC A21). */
export class ConfigChoice {
  current: AppliedConfig | undefined
  /** The one that was given, for want of another. */
  private readonly given: AppliedConfig | undefined
  private readonly options: ConfigChoiceOptions
  /** What was found last, as text. */
  private found: string | undefined = undefined
  /** There is none yet that would be kept in place of one that is wrong. */
  private first = true

  /** @throws TypeError when what was given is wrong */
  constructor(given: ServiceConfigJson | string | undefined, options: ConfigChoiceOptions) {
    this.options = options
    this.given = given === undefined ? undefined : new AppliedConfig(parseServiceConfig(given, options))
    this.current = this.given
  }

  /** The policy that is said on this side, else the one of the service config, else pick_first. */
  get balancing(): Balancing {
    const { balancing, healthChecks } = this.options
    const config = this.current?.config
    const policy = balancing ?? config?.balancing?.policy ?? "pick_first"
    if (policy !== "pick_first") {
      return { policy, healthService: healthChecks === false ? undefined : config?.healthServiceName }
    }
    return (balancing === undefined && config?.balancing) || { policy, shuffleAddressList: false }
  }

  /** Something was found, or nothing. Returns why there is now none to go by. */
  update(found: FoundServiceConfig | undefined): Error | undefined {
    if (found instanceof Error) return this.refuse(found)
    const text = typeof found === "object" ? JSON.stringify(found) : found
    if (text === undefined) this.current = this.given
    // One that has not changed is the same as before.
    else if (this.first || text !== this.found) {
      let config: ServiceConfig
      try {
        config = parseServiceConfig(text, this.options)
      } catch (error) {
        return this.refuse(error as Error)
      }
      this.current = new AppliedConfig(config, this.current)
    }
    this.found = text
    this.first = false
    return undefined
  }

  /** Checklist point 58: what was there before goes on. */
  private refuse(error: Error): Error | undefined {
    return this.first && this.given === undefined ? error : undefined
  }
}
