import {
  infiniteQueryOptions,
  keepPreviousData,
  type QueryClient,
  queryOptions,
} from "@tanstack/react-query";
import { pollEvery } from "#components/live/live-state.ts";
import { callApi } from "#components/ui/api.ts";
import type {
  PlanChangesJson,
  PlanJson,
  PlanList,
  PlanQuery,
  StepDetailJson,
  StepJson,
  StepList,
  StepState,
} from "#lib/plans/schema.ts";

const LIVE_EVERY_MS = 15_000;
/** While it is carried out, and nobody tells of it. */
const RUNNING_EVERY_MS = 2_000;
/** Steps are asked for by so many; each page stands alone, so that one can begin anywhere. */
export const STEPS_A_PAGE = 50;

const schemas = () => import("#lib/plans/schema.ts");

/** One version of one plan. */
export type VersionOf = { id: string; version: number };

export type ListedPlans = Pick<PlanQuery, "view"> & { q: string };

/** Plans of one view, newest first, a page at a time. */
export function planListOptions({ view, q }: ListedPlans) {
  return infiniteQueryOptions({
    queryKey: ["plans", "list", view, q] as const,
    queryFn: ({ pageParam, signal }): Promise<PlanList> => {
      const search = new URLSearchParams({ view });
      if (q !== "") search.set("q", q);
      if (pageParam !== null) search.set("cursor", pageParam);
      return callApi(`/api/plans?${search}`, async () => (await schemas()).planListSchema, {
        signal,
      });
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: keepPreviousData,
    refetchInterval: pollEvery(LIVE_EVERY_MS),
  });
}

export const planOptions = (id: string) =>
  queryOptions({
    queryKey: ["plans", "one", id] as const,
    queryFn: ({ signal }): Promise<PlanJson> =>
      callApi(`/api/plans/${id}`, async () => (await schemas()).planSchema, { signal }),
    refetchInterval: ({ state: { data } }) => {
      // What has ended stays as it is, but for a person's word on a step.
      if (data !== undefined && data.endedAt !== null) return false;
      return pollEvery(data?.state === "applying" ? RUNNING_EVERY_MS : LIVE_EVERY_MS)();
    },
  });

const stepsKey = (of: VersionOf) => ["plans", "steps", of.id, of.version] as const;

/** One page of a version's steps; what was proposed never changes, what came of it does. */
export const stepPageOptions = (of: VersionOf, page: number) =>
  queryOptions({
    queryKey: [...stepsKey(of), page] as const,
    queryFn: ({ signal }): Promise<StepList> => {
      const search = new URLSearchParams({ limit: String(STEPS_A_PAGE) });
      if (page > 0) search.set("cursor", String(page * STEPS_A_PAGE));
      return callApi(
        `/api/plans/${of.id}/steps?${search}`,
        async () => (await schemas()).stepListSchema,
        {
          signal,
        },
      );
    },
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 30 * 60_000,
  });

/** Steps of an earlier version, to be read, a page at a time. */
export const earlierStepsOptions = (of: VersionOf) =>
  infiniteQueryOptions({
    queryKey: ["plans", "earlier", of.id, of.version] as const,
    queryFn: ({ pageParam, signal }): Promise<StepList> => {
      const search = new URLSearchParams({ version: String(of.version) });
      if (pageParam !== null) search.set("cursor", pageParam);
      return callApi(
        `/api/plans/${of.id}/steps?${search}`,
        async () => (await schemas()).stepListSchema,
        { signal },
      );
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    staleTime: Number.POSITIVE_INFINITY,
  });

/** One step of an earlier version, as far as a list shows it. */
export const earlierStepOptions = (of: VersionOf, position: number) =>
  queryOptions({
    queryKey: ["plans", "earlier", of.id, of.version, "step", position] as const,
    queryFn: async ({ signal }): Promise<StepJson | null> => {
      const search = new URLSearchParams({
        ...{ version: String(of.version), cursor: String(position - 1), limit: "1" },
      });
      const { items } = await callApi(
        `/api/plans/${of.id}/steps?${search}`,
        async () => (await schemas()).stepListSchema,
        { signal },
      );
      return items[0] ?? null;
    },
    staleTime: Number.POSITIVE_INFINITY,
  });

/** @param since - an earlier version; null: the one that this person approved last, or the one before */
export const planChangesOptions = (of: VersionOf, since: number | null) =>
  queryOptions({
    queryKey: ["plans", "changes", of.id, of.version, since] as const,
    queryFn: ({ signal }): Promise<PlanChangesJson> =>
      callApi(
        `/api/plans/${of.id}/changes${since === null ? "" : `?since=${since}`}`,
        async () => (await schemas()).planChangesSchema,
        { signal },
      ),
    staleTime: Number.POSITIVE_INFINITY,
  });

/** The first steps that are in this state. */
export const stepsInStateOptions = (of: VersionOf, state: StepState) =>
  queryOptions({
    queryKey: [...stepsKey(of), "in", state] as const,
    queryFn: ({ signal }): Promise<StepList> =>
      callApi(
        `/api/plans/${of.id}/steps?limit=${STEPS_A_PAGE}&state=${state}`,
        async () => (await schemas()).stepListSchema,
        { signal },
      ),
  });

export const stepOptions = (of: VersionOf, position: number) =>
  queryOptions({
    queryKey: ["plans", "step", of.id, of.version, position] as const,
    queryFn: ({ signal }): Promise<StepDetailJson> =>
      callApi(
        `/api/plans/${of.id}/steps/${position}`,
        async () => (await schemas()).stepDetailSchema,
        { signal },
      ),
    staleTime: Number.POSITIVE_INFINITY,
  });

/** Steps in sight are read again; the others once they come into sight. */
export const refreshSteps = (queries: QueryClient, of: VersionOf) =>
  queries.invalidateQueries({ queryKey: [...stepsKey(of)] });

/** Everything about this plan, read again after one's own word on it. */
export async function refreshPlan(queries: QueryClient, id: string): Promise<void> {
  await Promise.all([
    queries.invalidateQueries({ queryKey: ["plans", "one", id] }),
    queries.invalidateQueries({ queryKey: ["plans", "list"] }),
    queries.invalidateQueries({ queryKey: ["plans", "steps", id] }),
    queries.invalidateQueries({ queryKey: ["inbox"] }),
  ]);
}

const post = (path: string, body?: unknown): Promise<void> =>
  callApi(path, null, { method: "POST", ...(body === undefined ? {} : { body }) });

export const approvePlan = (
  id: string,
  body: { hash: string; typedNames: Record<string, string>; apply: boolean },
) => post(`/api/plans/${id}/approve`, body);
export const rejectPlan = (id: string, reason: string) =>
  post(`/api/plans/${id}/reject`, { reason });
export const applyPlan = (id: string) => post(`/api/plans/${id}/apply`);
export const cancelPlan = (id: string) => post(`/api/plans/${id}/cancel`);
export const resolveStep = (
  id: string,
  position: number,
  /** `goOn`: carry out the steps behind it, under the same approval. */
  said: { outcome: "applied" | "failed"; goOn: boolean },
) => post(`/api/plans/${id}/steps/${position}/resolve`, said);
