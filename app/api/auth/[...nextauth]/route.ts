import { z } from "zod";
import { answerAuthRequest } from "#lib/auth/next-auth.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import { deps } from "#lib/deps.ts";
import { readForm } from "#lib/http/read-body.ts";
import { clientOf, guarded } from "#lib/http/route.ts";

const MAX_FORM_BYTES = 8 * 1024;
const segmentsSchema = z.array(z.string().max(100)).min(1).max(4);

const answer = guarded(deps, async (theDeps, request, context, requestId) => {
  const { data: segments } = segmentsSchema.safeParse((await context.params).nextauth);
  if (!segments) throw new NotFoundError();
  const { method, headers } = request;
  const query = new URL(request.url).searchParams;
  const form = method === "POST" ? await readForm(request, MAX_FORM_BYTES) : {};
  const client = clientOf(request, requestId);
  const response = await answerAuthRequest(
    theDeps,
    { method, headers, segments, query },
    form,
    client,
  );
  if (!response) throw new NotFoundError();
  return response;
});

export { answer as GET, answer as POST };
