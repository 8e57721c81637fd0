import { mock } from "node:test"

/** A test, with the suites it stands in, outermost first. */
class CollectedTest {
  constructor(name, body, suites) {
    this.name = [...suites.slice(1).map((suite) => suite.name), name].join(" › ")
    this.body = body
    this.suites = suites
  }
}

class Suite {
  before = []
  after = []
  beforeEach = []
  afterEach = []
  entered = false
  constructor(name) {
    this.name = name
  }
}

/**
 * Stands in for node:test where one process runs the same tests thousands of times: `module` is what the tests import,
 * `tests` is what they have declared, and `run` and `leave` run it.
 */
export class TestCollector {
  tests = []
  #suites = [new Suite("")]

  get module() {
    const test = (name, ...rest) => this.#declareTest(name, rest)
    const describe = (name, ...rest) => this.#declareSuite(name, rest)
    const hook = (kind) => (body) => this.#suites.at(-1)[kind].push(body)
    return {
      test,
      it: test,
      describe,
      suite: describe,
      before: hook("before"),
      after: hook("after"),
      beforeEach: hook("beforeEach"),
      afterEach: hook("afterEach"),
      mock,
    }
  }

  /** Runs one test with the hooks around it. @throws what it throws, or when it takes more than `limit` ms. */
  async run(test, limit) {
    const ends = []
    const ended = new AbortController()
    const context = {
      name: test.name,
      mock,
      signal: ended.signal,
      after: (end) => ends.push(end),
      diagnostic: () => {},
    }
    try {
      await within(limit, async () => {
        for (const suite of test.suites) {
          if (suite.entered) continue
          suite.entered = true
          for (const body of suite.before) await body()
        }
        for (const suite of test.suites) for (const body of suite.beforeEach) await body(context)
        await test.body(context)
      })
    } finally {
      ended.abort()
      await within(limit, async () => {
        for (const end of ends) await end()
        for (const suite of test.suites.toReversed()) for (const body of suite.afterEach) await body(context)
      })
      mock.reset()
    }
  }

  /** Runs what is to be run after all tests. */
  async leave(limit) {
    const suites = new Set(this.tests.flatMap((test) => test.suites))
    for (const suite of suites) {
      if (suite.entered) for (const body of suite.after) await within(limit, body)
    }
  }

  #declareTest(name, rest) {
    const body = rest.at(-1)
    if (typeof body === "function" && !rest[0].skip) this.tests.push(new CollectedTest(name, body, [...this.#suites]))
  }

  #declareSuite(name, rest) {
    if (rest[0].skip) return
    this.#suites.push(new Suite(name))
    rest.at(-1)()
    this.#suites.pop()
  }
}

/** What has nothing left to wait for would wait for ever: nobody else ends it here. */
async function within(limit, action) {
  let timer
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done after ${limit} ms`)), limit)
  })
  try {
    await Promise.race([action(), late])
  } finally {
    clearTimeout(timer)
  }
}
