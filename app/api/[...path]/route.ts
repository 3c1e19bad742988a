import { NotFoundError } from "#lib/core/errors.ts";
import { deps } from "#lib/deps.ts";
import { guarded } from "#lib/http/route.ts";

/** What is no address of ours is told as everywhere below `/api`, not as a page. */
const answer = guarded(deps, () => {
  throw new NotFoundError();
});

export { answer as DELETE, answer as GET, answer as PATCH, answer as POST, answer as PUT };
