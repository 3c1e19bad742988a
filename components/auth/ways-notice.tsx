import { signInProblemWords } from "#components/auth/problem-words.ts";
import { Panel } from "#components/ui/panel.tsx";
import type { SignInProblem } from "#lib/auth/schema.ts";

/** What came of linking another way in, said once on the page where it ends. */
export function WaysNotice({
  name,
  problem,
}: {
  name: string;
  /** `null`: it is linked. */
  problem: SignInProblem | null;
}) {
  if (problem === null) {
    return (
      <Panel
        tone="accent"
        role="status"
        title={`${name} is linked`}
        titleLevel={2}
        className="mb-6"
      >
        <p>You can sign in with it from now on.</p>
      </Panel>
    );
  }
  const words = signInProblemWords(problem, name);
  return (
    <Panel tone="warn" role="alert" title={words.title} titleLevel={2} className="mb-6">
      <p>{words.text}</p>
      <p className="mono mt-2 text-ink-3 text-xs">{problem}</p>
    </Panel>
  );
}
