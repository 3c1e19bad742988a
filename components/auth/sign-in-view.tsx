import type { ReactNode } from "react";
import { signInProblemWords } from "#components/auth/problem-words.ts";
import { SignInForm } from "#components/auth/sign-in-form.tsx";
import { WayButtons } from "#components/auth/way-buttons.tsx";
import { Panel } from "#components/ui/panel.tsx";
import type { OfferedWay, SignInProblem } from "#lib/auth/schema.ts";

/** E-mail and password, and the other ways beside them. */
export function SignInView({
  title,
  lead,
  ways,
  returnTo,
  problem = null,
}: {
  title: string;
  lead: ReactNode;
  ways: readonly OfferedWay[];
  returnTo: string;
  /** What the last try through `name` came to. */
  problem?: { code: SignInProblem; name: string } | null;
}) {
  const words = problem && signInProblemWords(problem.code, problem.name);
  return (
    <>
      {problem && words && (
        <Panel tone="warn" role="alert" title={words.title} titleLevel={2} className="mb-6">
          <p>{words.text}</p>
          <p className="mono mt-2 text-ink-3 text-xs">{problem.code}</p>
        </Panel>
      )}
      <h1 className="mb-1 text-xl">{title}</h1>
      <p className="mb-6 text-pretty text-ink-2 text-md">{lead}</p>
      <SignInForm returnTo={returnTo} />
      {ways.length > 0 && (
        <>
          <p className="my-5 flex items-center gap-3 text-ink-3 text-xs before:h-px before:flex-1 before:bg-line after:h-px after:flex-1 after:bg-line">
            or
          </p>
          <WayButtons ways={ways} returnTo={returnTo} />
        </>
      )}
    </>
  );
}
