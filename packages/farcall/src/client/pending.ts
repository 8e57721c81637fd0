/**
 * A value that will be there some time, as a promise that is made only when someone asks for it. The promise counts as
 * handled, so that one that rejects and is never looked at harms nobody.
 */
export class Pending<T> {
  private promise: Promise<T> | undefined = undefined
  private settle: { resolve(value: T): void; reject(error: unknown): void } | undefined = undefined
  private make: (() => T) | undefined
  private error: unknown = undefined
  private settled = false

  /** Says what the value is, as a way to make it, or the error there is instead. Only the first time counts. */
  provide(make: () => T, error?: unknown): void {
    if (this.settled) return
    this.settled = true
    this.make = make
    this.error = error
    if (this.settle === undefined) return
    if (error === undefined) this.settle.resolve(make())
    else this.settle.reject(error)
    this.settle = undefined
  }

  get(): Promise<T> {
    if (this.promise !== undefined) return this.promise
    this.promise = new Promise((resolve, reject) => {
      if (!this.settled) this.settle = { resolve, reject }
      else if (this.error === undefined) resolve(this.make!())
      else reject(this.error)
    })
    this.promise.catch(() => {})
    return this.promise
  }
}
