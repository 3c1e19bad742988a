import { Panel } from "#components/ui/panel.tsx";

/** What saving an edit ends, before it is saved. */
export function EditEffects({ people, ends }: { people: readonly string[]; ends: boolean }) {
  return (
    <div role="status" className="mt-6">
      {ends ? (
        <Panel tone="warn" title={endsTitle(people)}>
          <p>
            The host, the app or the business unit changes, so nobody's sign-in goes along: the
            tokens of before are deleted here and ended where they came from. Everybody keeps their
            place in this connection and reconnects with one press.
          </p>
        </Panel>
      ) : (
        <p className="text-ink-2 text-xs">
          Nobody has to reconnect: the host, the app and the business unit stay as they are.
        </p>
      )}
    </div>
  );
}

function endsTitle(people: readonly string[]): string {
  if (people.length === 0) return "Nobody is connected, so nobody has to reconnect";
  const count = people.length === 1 ? "1 person" : `${people.length} people`;
  return `${count} will have to reconnect: ${people.join(", ")}`;
}

export const saveLabel = (voids: number): string =>
  voids === 0 ? "Save" : `Save and end ${voids === 1 ? "1 person's" : `${voids} people's`} access`;
