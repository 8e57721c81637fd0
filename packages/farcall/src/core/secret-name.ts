/**
 * Whether the value of a field is to be kept out of logs and traces, by the field's name: credentials and cookies, whatever
 * speaks of tokens, keys and sessions, and binary values (`-bin`), of which nobody can see what they are. Wide on purpose:
 * what it hides needlessly can be shown by name, where there is an option to do so.
 */
export function isSecretName(name: string): boolean {
  return secret.test(name)
}

const secret =
  /-bin$|auth(?!ority$)|cookie|token|secret|passw(or)?d|passphrase|credential|api-?key|access-?key|private|session|signature|jwt|assertion|csrf|xsrf/i
