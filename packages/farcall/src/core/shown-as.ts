/** Node's `util.inspect`, as it gives itself to those whom it asks. */
type Inspect = (value: unknown, options: object) => string

/**
 * Has `console.log`, and whatever else shows values by Node's `util.inspect`, show what a user wants to know of an object
 * in place of how it is made: `Channel { target: 'localhost:50051', state: 'READY' }`.
 * @param prototype of the objects
 * @param fieldsOf what is shown of one; must do no work and change nothing
 */
export function showAs<Shown extends object>(prototype: Shown, name: string, fieldsOf: (shown: Shown) => object): void {
  showBy(prototype, (shown, options, inspect) =>
    options === undefined ? `[${name}]` : `${name} ${inspect(fieldsOf(shown), options)}`,
  )
}

/** @param show how one is shown: with the options for what is within it, or without, where there is no room for that */
export function showBy<Shown extends object>(
  prototype: Shown,
  show: (shown: Shown, options: object | undefined, inspect: Inspect) => string,
): void {
  Object.defineProperty(prototype, Symbol.for("nodejs.util.inspect.custom"), {
    // `depth` is what is left of the one in `options`.
    value(this: Shown, depth: number | null, options: object, inspect: Inspect): string {
      return show(this, depth !== null && depth < 0 ? undefined : { ...options, depth }, inspect)
    },
  })
}
