"use client";

import { LogOut } from "lucide-react";
import { useRouter } from "next/navigation";
import { useTheme } from "next-themes";
import { useState, useSyncExternalStore } from "react";
import { browserOf } from "#components/shell/browser-of.ts";
import { signOutHere } from "#components/shell/sign-out.ts";
import { turnSingleKeys, useSingleKeys } from "#components/shell/single-keys.ts";
import { callApi, problemWords } from "#components/ui/api.ts";
import { Badge } from "#components/ui/badge.tsx";
import { Button } from "#components/ui/button.tsx";
import { CheckboxLine } from "#components/ui/checkbox.tsx";
import { ChoiceGroup, RadioCard } from "#components/ui/choice-cards.tsx";
import { Field, FieldError, Input } from "#components/ui/field.tsx";
import { RelativeTime } from "#components/ui/relative-time.tsx";
import { sayDone } from "#components/ui/toast.ts";
import type { SessionJson } from "#lib/auth/schema.ts";

const SHORTEST_PASSWORD = 15;

export function SignOut() {
  return (
    <Button tone="quiet" onClick={() => void signOutHere()}>
      <LogOut aria-hidden strokeWidth={1.5} />
      Sign out
    </Button>
  );
}

const noChange = () => () => {};

/** System, light or dark; kept in this browser. */
export function Theme() {
  const { theme, setTheme } = useTheme();
  // The server does not know what this browser chose.
  const isAwake = useSyncExternalStore(
    noChange,
    () => true,
    () => false,
  );
  const choices = [
    { value: "system", title: "System" },
    { value: "light", title: "Light" },
    { value: "dark", title: "Dark" },
  ];
  return (
    <ChoiceGroup legend="Theme" columns={3}>
      {choices.map(({ value, title }) => (
        <RadioCard
          key={value}
          name="theme"
          value={value}
          title={title}
          checked={isAwake && theme === value}
          onChange={() => setTheme(value)}
        />
      ))}
    </ChoiceGroup>
  );
}

/** Single-letter keys can get in the way of speech input; here is the switch. */
export function Keys() {
  const isOn = useSingleKeys();
  return (
    <CheckboxLine
      label="Single-key shortcuts"
      help="/ search, j and k move, c connect, r reconnect, g goes; press ? for all of them"
      checked={isOn}
      onChange={(event) => turnSingleKeys(event.target.checked)}
    />
  );
}

/** The person's live sessions, each of which can be ended. */
export function Sessions({ sessions }: { sessions: readonly SessionJson[] }) {
  const router = useRouter();
  const [busy, setBusy] = useState<string | null>(null);
  const [error, setError] = useState<string | null>(null);
  const end = async (id: string, path: string) => {
    setBusy(id);
    setError(null);
    try {
      await callApi(path, null, { method: "DELETE" });
      router.refresh();
    } catch (cause) {
      setError(problemWords(cause));
    } finally {
      setBusy(null);
    }
  };
  return (
    <div className="grid gap-3">
      <ul className="divide-y divide-line">
        {sessions.map((session) => (
          <li key={session.id} className="flex items-center gap-3 py-2">
            <div className="min-w-0 flex-1">
              <p className="flex flex-wrap items-center gap-2 font-label">
                {browserOf(session.userAgent)}
                {session.isCurrent && <Badge tone="accent">This one</Badge>}
              </p>
              <p className="text-ink-3 text-xs">
                {session.network !== null && <span className="mono">{session.network} · </span>}
                used <RelativeTime at={session.lastSeenAt} />
              </p>
            </div>
            {!session.isCurrent && (
              <Button
                size="sm"
                isBusy={busy === session.id}
                busyLabel="Ending"
                onClick={() => void end(session.id, `/api/sessions/${session.id}`)}
              >
                End
              </Button>
            )}
          </li>
        ))}
      </ul>
      {sessions.length > 1 && (
        <div>
          <Button
            isBusy={busy === "others"}
            busyLabel="Ending"
            onClick={() => void end("others", "/api/sessions")}
          >
            End all others
          </Button>
        </div>
      )}
      {error !== null && (
        <div role="alert">
          <FieldError>{error}</FieldError>
        </div>
      )}
    </div>
  );
}

/** A new password ends all other sessions. */
export function ChangePassword({ email }: { email: string }) {
  const router = useRouter();
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  return (
    <form
      className="grid max-w-76 gap-4"
      onSubmit={async (event) => {
        event.preventDefault();
        const form = event.currentTarget;
        const data = new FormData(form);
        setIsBusy(true);
        setError(null);
        try {
          await callApi("/api/password", null, {
            method: "POST",
            body: {
              currentPassword: data.get("currentPassword"),
              newPassword: data.get("newPassword"),
            },
          });
          form.reset();
          sayDone("Password changed; other sessions have ended");
          router.refresh();
        } catch (cause) {
          setError(problemWords(cause));
        } finally {
          setIsBusy(false);
        }
      }}
    >
      <input type="hidden" name="username" autoComplete="username" value={email} readOnly />
      <Field label="Current password" isRequired>
        <Input name="currentPassword" type="password" autoComplete="current-password" required />
      </Field>
      <Field
        label="New password"
        isRequired
        help={`At least ${SHORTEST_PASSWORD} characters; four or five words are easy to remember.`}
      >
        <Input
          name="newPassword"
          type="password"
          autoComplete="new-password"
          minLength={SHORTEST_PASSWORD}
          required
        />
      </Field>
      {error !== null && (
        <div role="alert">
          <FieldError>{error}</FieldError>
        </div>
      )}
      <div>
        <Button type="submit" isBusy={isBusy} busyLabel="Changing">
          Change password
        </Button>
      </div>
    </form>
  );
}
