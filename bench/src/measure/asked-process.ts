import { type ChildProcess, spawn } from "node:child_process"

/** A Node program on one core that answers what it is asked, one question after another. */
export interface AskedProcess<Question, Answer> {
  ask(question: Question): Promise<Answer>
  stop(): Promise<void>
}

/**
 * Starts a program that answers each message of its parent's with one: `answering` of it.
 * @throws Error, at the question, when it has ended
 */
export function startAsked<Question, Answer>(
  core: number,
  program: string,
  args: readonly string[],
): AskedProcess<Question, Answer> {
  const stdio = ["ignore", "inherit", "inherit", "ipc"] as const
  const child = spawn("taskset", ["-c", String(core), process.execPath, program, ...args], { stdio: [...stdio] })
  return {
    ask: (question) => ask(child, question),
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = new Promise((resolve) => child.once("exit", resolve))
      child.kill("SIGKILL")
      await ended
    },
  }
}

/** Answers the parent, and ends with it. What fails ends the process, with its error on stderr. */
export function answering<Question, Answer>(answer: (question: Question) => Answer | Promise<Answer>): void {
  process.once("disconnect", () => process.exit())
  process.on("message", async (question: Question) => process.send!(await answer(question)))
}

function ask<Question, Answer>(child: ChildProcess, question: Question): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null): void => reject(new Error(`${child.spawnargs.join(" ")} ended with ${code}`))
    child.once("exit", ended)
    child.once("message", (answer) => {
      child.off("exit", ended)
      resolve(answer as Answer)
    })
    child.send(question as object, (error) => error && reject(error))
  })
}
