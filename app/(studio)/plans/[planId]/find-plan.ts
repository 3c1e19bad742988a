import { notFound } from "next/navigation";
import { cache } from "react";
import { z } from "zod";
import { requirePrincipal } from "#lib/auth/current-principal.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import { deps } from "#lib/deps.ts";
import { getPlan } from "#lib/plans/get-plan.ts";

/** The plan of a page's address, once per request; the page is not found where it is not theirs to know of. */
export const findPlan = cache(async (id: string) => {
  const principal = await requirePrincipal();
  if (!z.uuid().safeParse(id).success) notFound();
  try {
    return { principal, plan: await getPlan(deps(), principal, id) };
  } catch (error) {
    if (error instanceof NotFoundError) notFound();
    throw error;
  }
});
