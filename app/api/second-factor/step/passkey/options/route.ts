import { deps } from "#lib/deps.ts";
import { secondStepRoute } from "#lib/http/user-route.ts";
import { beginPasskeyStep } from "#lib/second-factor/second-step.ts";

export const POST = secondStepRoute({ audit: "none" }, async ({ holder }) =>
  Response.json({ options: await beginPasskeyStep(deps(), holder) }, { status: 201 }),
);
