// 5.9 TS2345: Property 'verify' is missing in type '{ open: () => true; }' but required in type 'BearerOptions<unknown>'.
// 7.0 TS2741: Property 'verify' is missing in type '{ open: () => true; }' but required in type 'BearerOptions<unknown>'.

import { bearerAuthentication } from "farcall/interceptors"

bearerAuthentication({ open: () => true })
