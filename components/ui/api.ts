import type { ZodType } from "zod";
import { askForSecondFactor, type SecondFactorStep } from "#components/ui/second-factor-event.ts";
import { TEAM_HEADER } from "#lib/team/team-header.ts";

/** What went wrong, as our API says it; safe to show. */
export class ApiProblem extends Error {
  readonly title: string;
  readonly code: string;
  readonly status: number;
  readonly requestId: string | null;
  /** Fields of an input that were refused, for the form that shows them. */
  readonly issues: readonly { path: string; message: string }[];
  /** Seconds to wait before trying again; null where that would not help. */
  readonly retryAfterSeconds: number | null;
  /** Where a second factor would help: to set one up, or to confirm it again. */
  readonly secondFactorStep: SecondFactorStep | null;

  constructor(status: number, body: unknown) {
    const text = (key: string) => {
      const value = (body as Record<string, unknown> | null)?.[key];
      return typeof value === "string" && value !== "" ? value : null;
    };
    super(text("detail") ?? "The studio did not answer as expected. Try again in a moment.");
    this.name = "ApiProblem";
    this.status = status;
    this.title = text("title") ?? "That did not work";
    this.code = text("code") ?? "server_error";
    this.requestId = text("requestId");
    this.issues = issuesOf(body);
    this.retryAfterSeconds = retryAfterOf(body);
    this.secondFactorStep = secondFactorStepOf(body);
  }
}

function issuesOf(body: unknown): { path: string; message: string }[] {
  const issues = (body as { issues?: unknown } | null)?.issues;
  if (!Array.isArray(issues)) return [];
  return issues.filter(
    (issue) => typeof issue?.path === "string" && typeof issue?.message === "string",
  );
}

function secondFactorStepOf(body: unknown): SecondFactorStep | null {
  const remedy = (body as { remedy?: { do?: unknown; step?: unknown } } | null)?.remedy;
  if (remedy?.do !== "second-factor") return null;
  return remedy.step === "confirm" ? "confirm" : "set-up";
}

function retryAfterOf(body: unknown): number | null {
  const remedy = (body as { remedy?: { do?: unknown; afterSeconds?: unknown } } | null)?.remedy;
  return remedy?.do === "retry" && typeof remedy.afterSeconds === "number"
    ? remedy.afterSeconds
    : null;
}

/** Words for any failure of a call: the API's own, or that the studio could not be reached. */
export function problemWords(error: unknown): string {
  if (error instanceof ApiProblem) return error.message;
  return "The studio cannot be reached. Check the network and try again.";
}

/**
 * Calls our own JSON interface and checks what comes back.
 *
 * @param schema - loaded on the first call, so that a page's first script does not carry it; null
 *   where no answer is expected
 * @throws {ApiProblem} any answer that is not a success
 */
export async function callApi<T>(
  path: string,
  schema: (() => Promise<ZodType<T>>) | null,
  { method = "GET", body, signal }: { method?: string; body?: unknown; signal?: AbortSignal } = {},
): Promise<T> {
  const response = await fetch(path, {
    method,
    headers: {
      accept: "application/json",
      ...teamOfPage(),
      ...(body !== undefined && { "content-type": "application/json" }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(signal !== undefined && { signal }),
  });
  const text = await response.text();
  const answer: unknown = text === "" ? null : parseJson(text);
  if (!response.ok) {
    const problem = new ApiProblem(response.status, answer);
    if (problem.secondFactorStep !== null) askForSecondFactor(problem.secondFactorStep);
    throw problem;
  }
  return schema === null ? (undefined as T) : (await schema()).parse(answer);
}

/** Says for which team the page was made: in another one meanwhile, the call is refused. */
function teamOfPage(): Record<string, string> {
  const team = document.querySelector<HTMLElement>("[data-team]")?.dataset.team;
  return team === undefined ? {} : { [TEAM_HEADER]: team };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A proxy's error page, say: judged by the status alone.
    return null;
  }
}
