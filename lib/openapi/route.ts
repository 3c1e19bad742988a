import { z } from "zod";

/** The parts that the document is read in, in its order. */
export const tags = [
  { name: "For agents", says: "`Authorization: Bearer <agent key>`; cookies are ignored." },
  { name: "Operations", says: "The registry: one path for each operation." },
  {
    name: "Proxy and MCP",
    says: "Providers' own interfaces behind an agent key, and tools for MCP clients.",
  },
  { name: "Connections", says: "With the session of a signed-in person, as all below." },
  { name: "Agents", says: "Agents, their keys, what they did and what they ask for." },
  { name: "Plans", says: "What would be written, and the yes or no to it." },
  { name: "Trail", says: "What was done, by whom and for whom." },
  { name: "Team", says: "People, invitations, rules." },
  { name: "Your account", says: "Sessions, password, second factors, ways to sign in." },
  { name: "Operating", says: "Health, metrics, this document." },
] as const;
export type Tag = (typeof tags)[number]["name"];

/** What proves who asks; `nobody` where anybody may. */
export type Credential = "agentKey" | "session" | "metricsToken" | "nobody";

/** `schema` null: an answer without a body, or one of another `type` than JSON. */
export type Answer = { says: string; schema: z.ZodType | null; type?: string };

/** One route as it is told of. */
export type DescribedRoute = {
  method: "get" | "post" | "patch" | "delete" | "put";
  /** With `{names}`. */
  path: string;
  tag: Tag;
  credential: Credential;
  summary: string;
  query?: z.ZodType;
  /** JSON. */
  body?: z.ZodType;
  /** A body of another kind, whatever is in it. */
  bodyTypes?: readonly string[];
  answers: Readonly<Record<number, Answer>>;
};

type Takes = Pick<DescribedRoute, "query" | "body" | "bodyTypes">;

/** A writer of rows of one part of the table. */
export const routesOf =
  (tag: Tag, credential: Credential) =>
  (
    method: DescribedRoute["method"],
    path: string,
    summary: string,
    answers: DescribedRoute["answers"],
    takes: Takes = {},
  ): DescribedRoute => ({ tag, credential, method, path, summary, answers, ...takes });

export const says = (text: string, schema: z.ZodType | null = null): Answer => ({
  says: text,
  schema,
});
export const saysAs = (type: string, text: string): Answer => ({ says: text, schema: null, type });
export const nothing = (text: string) => ({ 204: says(text) });
export const listOf = (item: z.ZodType) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() });
