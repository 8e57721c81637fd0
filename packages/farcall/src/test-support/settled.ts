/** Resolves when promises, ticks and immediates that wait now have run, with those that they lead to at once. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
}
