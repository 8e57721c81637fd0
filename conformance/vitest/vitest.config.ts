import { defineConfig } from "vitest/config"

// What ../src/runners.test.ts runs: tests, and some that are to fail. Modules are the compiled ones, as packages have
// them; only the tests themselves go through vitest.
export default defineConfig({
  test: { include: ["src/*.test.ts", "src/leaks.ts"], testTimeout: 20_000 },
})
