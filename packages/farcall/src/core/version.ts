/** The package's own, as it is told to servers and to those who collect telemetry. */
export const version = "0.1.0"
