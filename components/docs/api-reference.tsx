import { Badge } from "#components/ui/badge.tsx";
import { Disclosure } from "#components/ui/disclosure.tsx";
import { Section } from "#components/ui/panel.tsx";

type Json = Record<string, unknown>;
type Described = {
  info: Json;
  tags: Json[];
  paths: Record<string, Record<string, Json>>;
};
type Call = { path: string; method: string; call: Json };

const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** The studio's OpenAPI document, for people. */
export function ApiReference({ api }: { api: Described }) {
  const calls: Call[] = Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, call]) => ({ path, method, call })),
  );
  const byTag = Map.groupBy(calls, ({ call }) => text((call.tags as unknown[])[0]));
  return (
    <div className="max-w-[60rem]">
      <h1 className="mb-1 text-xl tracking-[-0.018em]">HTTP interface</h1>
      <p className="mb-6 max-w-measure text-ink-2">
        {text(api.info.description)} The same as a document for programs:{" "}
        <a className="text-accent-ink underline" href="/api/openapi.json">
          /api/openapi.json
        </a>{" "}
        (OpenAPI 3.1).
      </p>
      {api.tags.map((tag, place) => (
        <Section
          key={text(tag.name)}
          title={text(tag.name)}
          aside={text(tag.description).replaceAll("`", "")}
          isLast={place === api.tags.length - 1}
        >
          <ul className="grid grid-cols-[minmax(0,1fr)] gap-1">
            {(byTag.get(text(tag.name)) ?? []).map((each) => (
              <li key={`${each.method} ${each.path}`}>
                <OneCall {...each} />
              </li>
            ))}
          </ul>
        </Section>
      ))}
    </div>
  );
}

function OneCall({ path, method, call }: Call) {
  const { parameters, requestBody, responses } = call;
  const parts = [
    ["Parameters", parameters],
    ["Body", requestBody],
    ["Answers", responses],
  ] as const;
  return (
    <Disclosure
      className="rounded-2 px-1.5 py-0.5 open:bg-sunken open:pb-2.5"
      summary={
        <span className="flex min-w-0 flex-wrap items-baseline gap-x-2.5 gap-y-0.5">
          <Badge
            tone={method === "get" ? "plain" : "accent"}
            className="w-14 shrink-0 justify-center"
          >
            {method.toUpperCase()}
          </Badge>
          <code className="mono [overflow-wrap:anywhere]">{path}</code>
          <span className="text-ink-3 text-xs">{text(call.summary)}</span>
        </span>
      }
    >
      <div className="mt-2 ml-6 grid grid-cols-[minmax(0,1fr)] gap-2">
        {text(call.description) !== "" && (
          <p className="max-w-measure whitespace-pre-line text-ink-2">{text(call.description)}</p>
        )}
        {parts.map(
          ([name, part]) =>
            part !== undefined && (
              <Disclosure key={name} summary={name}>
                <pre className="mono mt-1 whitespace-pre-wrap rounded-2 border border-line bg-raised p-3 text-ink-2 text-xs [overflow-wrap:anywhere]">
                  {JSON.stringify(part, null, 2)}
                </pre>
              </Disclosure>
            ),
        )}
      </div>
    </Disclosure>
  );
}
