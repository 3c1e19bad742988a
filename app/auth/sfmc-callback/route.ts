import { callbackRoute } from "#lib/http/callback-route.ts";

export const GET = callbackRoute("marketing-cloud");
