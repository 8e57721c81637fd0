import { DynamicTable } from "./dynamic-table.js"
import { isSensitiveName, isVolatileName } from "./field-policy.js"
import { lastStaticIndex, type StaticName, staticNames } from "./static-table.js"
import { entryOverhead } from "./table-entry.js"

/** How fields of a name are sent (RFC 7541 §6). */
export const FieldPolicy = {
  /** Put in the table when the same value is sent a second time. */
  indexed: 0,
  /** Its value is another one each time: a literal. */
  literal: 1,
  /** A literal that no one on the way may index either. */
  sensitive: 2,
} as const
/** One of those. */
export type FieldPolicy = (typeof FieldPolicy)[keyof typeof FieldPolicy]

/** What an encoder knows of one name. */
export interface KnownName {
  readonly name: string
  readonly policy: FieldPolicy
  readonly inStaticTable: StaticName | undefined
  /** The values of that name in the dynamic table, with the running number of the entry that has each. */
  values: Map<string, number> | undefined
  /** The running number of the newest entry with that name; it may have left the table. */
  newest: number
  /** The values last sent as literals: one that comes back is worth an entry. */
  lastValue: string | undefined
  valueBefore: string | undefined
}

interface Entry {
  readonly known: KnownName
  readonly name: string
  readonly value: string
  readonly number: number
  readonly size: number
}

/** Names come from the application: after so many new ones, those that are not in the table are forgotten. */
const namesBetweenSweeps = 256

/** A full table turns over slowly: every insertion changes all indexes, and so costs the bytes kept of prepared lists. */
const blocksBetweenEvictions = 64

/** An entry may take this part of the table. */
const largestShare = 1 / 2

/** An entry that is there for its name alone must be small. */
const largestNameEntry = 128

/** The encoder's side of the dynamic table: where each name and value stands, and what deserves to be put in. */
export class EncoderTable {
  readonly #table: DynamicTable<Entry>
  readonly #names = new Map<string, KnownName>()
  readonly #sensitive: ReadonlySet<string> | undefined
  #maxNames = namesBetweenSweeps
  #block = 0
  #nextEviction = 0

  constructor(maxSize: number, sensitive: ReadonlySet<string> | undefined) {
    this.#table = new DynamicTable(maxSize, forget)
    this.#sensitive = sensitive
  }

  get generation(): number {
    return this.#table.generation
  }
  get size(): number {
    return this.#table.size
  }
  get maxSize(): number {
    return this.#table.maxSize
  }
  get length(): number {
    return this.#table.length
  }

  at(place: number): { readonly name: string; readonly value: string } | undefined {
    return this.#table.at(place)
  }

  beginBlock(): void {
    this.#block++
  }

  resize(maxSize: number): void {
    this.#table.resize(maxSize)
  }

  name(name: string): KnownName {
    const known = this.#names.get(name)
    return known === undefined ? this.#meet(name) : known
  }

  /** The index of the field as a whole, or 0. */
  indexOf(known: KnownName, value: string): number {
    const inStatic = known.inStaticTable?.indexByValue.get(value)
    if (inStatic !== undefined) return inStatic
    const number = known.values?.get(value)
    return number === undefined ? 0 : this.#index(number)
  }

  /** The index of an entry with that name, or 0. */
  nameIndex(known: KnownName): number {
    if (known.inStaticTable !== undefined) return known.inStaticTable.index
    return known.newest > this.#table.inserted - this.#table.length ? this.#index(known.newest) : 0
  }

  /** `repeats`: the field is known to be sent again. Otherwise it has to come a second time to be put in. */
  shouldInsert(known: KnownName, value: string, repeats: boolean): boolean {
    const size = known.name.length + value.length + entryOverhead
    if (size > this.#table.maxSize * largestShare) return false
    const fits = this.#table.size + size <= this.#table.maxSize
    if (repeats || (known.policy === FieldPolicy.indexed && cameBefore(known, value))) return fits || this.#mayEvict()
    return fits && size <= largestNameEntry && this.#deservesName(known)
  }

  /** A value that changes is not worth an entry, but with one in the table later literals can refer to its name. */
  #deservesName(known: KnownName): boolean {
    return (known.policy === FieldPolicy.literal || known.valueBefore !== undefined) && this.nameIndex(known) === 0
  }

  #mayEvict(): boolean {
    if (this.#block < this.#nextEviction) return false
    this.#nextEviction = this.#block + blocksBetweenEvictions
    return true
  }

  insert(known: KnownName, value: string): void {
    const number = this.#table.inserted + 1
    const { name } = known
    this.#table.insert({ known, name, value, number, size: name.length + value.length + entryOverhead })
    known.values ??= new Map()
    known.values.set(value, number)
    known.newest = number
  }

  #index(number: number): number {
    return lastStaticIndex + 1 + this.#table.inserted - number
  }

  #meet(name: string): KnownName {
    if (this.#names.size >= this.#maxNames) this.#forgetNames()
    const sensitive = isSensitiveName(name) || (this.#sensitive?.has(name) ?? false)
    const known: KnownName = {
      name,
      policy: sensitive ? FieldPolicy.sensitive : isVolatileName(name) ? FieldPolicy.literal : FieldPolicy.indexed,
      inStaticTable: staticNames.get(name),
      values: undefined,
      newest: 0,
      lastValue: undefined,
      valueBefore: undefined,
    }
    this.#names.set(name, known)
    return known
  }

  #forgetNames(): void {
    for (const known of this.#names.values()) if (!known.values?.size) this.#names.delete(known.name)
    this.#maxNames = this.#names.size + namesBetweenSweeps
  }
}

/** A field is put in only when it is not there, so what leaves is the only entry of its value. */
function forget(entry: Entry): void {
  entry.known.values?.delete(entry.value)
}

function cameBefore(known: KnownName, value: string): boolean {
  if (known.lastValue === value || known.valueBefore === value) return true
  known.valueBefore = known.lastValue
  known.lastValue = value
  return false
}
