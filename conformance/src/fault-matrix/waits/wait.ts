/** Waits as a user does, and brings about what is to end it; rejects with the error that the user gets, if any. */
export type Wait = () => Promise<void>
