import "server-only";
import { deps } from "#lib/deps.ts";
import { createRoutes } from "#lib/http/route.ts";

/** The entrances of our JSON interface over the real dependencies; see `createRoutes`. */
export const { userRoute, secondStepRoute, publicRoute } = createRoutes(deps);
