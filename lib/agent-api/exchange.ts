import type { IncomingMessage, ServerResponse } from "node:http";

/** An agent's request as Node made it, and its answer. */
export type Exchange = { req: IncomingMessage; res: ServerResponse; requestId: string };
