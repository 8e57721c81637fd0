// Memory that several messages share must not go to another thread with one of them. Node can mark memory as staying;
// looked up on globalThis, because this package knows no platform.

/** Makes postMessage and structuredClone copy memory, or refuse it, where they were to transfer it. */
export type Mark = (memory: ArrayBufferLike) => void

/** The platform's mark; undefined where there is none that works, as in browsers. */
export function findMark(platform: object): Mark | undefined {
  const { process, structuredClone } = platform as Platform
  try {
    const mark = process?.getBuiltinModule?.("node:worker_threads")?.markAsUntransferable
    if (mark === undefined || structuredClone === undefined) return undefined
    const probe = new ArrayBuffer(8)
    mark(probe)
    return staysHere(probe, structuredClone) ? mark : undefined
  } catch {
    return undefined // some platforms have the function, and it throws that it is not there yet
  }
}

interface Platform {
  process?: { getBuiltinModule?: (name: string) => { markAsUntransferable?: Mark } | undefined }
  structuredClone?: (value: unknown, options: { transfer: ArrayBufferLike[] }) => unknown
}

/** Node 20 copies marked memory instead of transferring it; later ones throw. */
function staysHere(memory: ArrayBuffer, structuredClone: Platform["structuredClone"] & object): boolean {
  try {
    structuredClone(memory, { transfer: [memory] })
  } catch {
    return true
  }
  return memory.byteLength > 0
}
