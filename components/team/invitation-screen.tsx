import type { Route } from "next";
import Link from "next/link";
import { AcceptForm } from "#components/team/accept-form.tsx";
import { JoinTeam, SignOutFirst } from "#components/team/join-team.tsx";
import { roleNames } from "#components/team/role-words.ts";
import { buttonClass } from "#components/ui/button.tsx";
import type { InvitationView } from "#lib/team/schema.ts";

type End = Exclude<InvitationView["state"], "open">;

const ends: Readonly<Record<End, { title: string; words: string }>> = {
  unknown: {
    title: "This link leads nowhere",
    words: "It may have been cut. Copy the whole link, or ask for a new one.",
  },
  accepted: {
    title: "This invitation was used",
    words: "A link serves once. If it was you, sign in; if not, tell whoever invited you.",
  },
  revoked: {
    title: "This invitation was withdrawn",
    words: "Ask whoever invited you for a new link.",
  },
  expired: {
    title: "This invitation has expired",
    words: "Links are good for seven days. Ask whoever invited you for a new one.",
  },
};

/** What the holder of an invitation's link can do with it. */
export function InvitationScreen({
  token,
  invitation,
  myEmail,
}: {
  token: string;
  invitation: InvitationView;
  /** Of whoever is signed in here. */
  myEmail: string | null;
}) {
  if (invitation.state !== "open") {
    const { title, words } = ends[invitation.state];
    return (
      <>
        <h1 className="mb-1 text-xl">{title}</h1>
        <p className="mb-6 text-ink-2 text-md">{words}</p>
        <Link href={"/sign-in" as Route} className={buttonClass()}>
          {myEmail === null ? "Sign in" : "Go to the studio"}
        </Link>
      </>
    );
  }
  const { email, role, teamName, invitedBy, account } = invitation;
  return (
    <>
      <h1 className="mb-1 text-xl [overflow-wrap:anywhere]">Join {teamName}</h1>
      <p className="mb-6 text-ink-2 text-md [overflow-wrap:anywhere]">
        {invitedBy ?? "Somebody"} invited {email}, as {role === "member" ? "a" : "an"}{" "}
        {roleNames[role].toLowerCase()}.
      </p>
      {myEmail === null && account === "elsewhere" && <SignInElsewhere />}
      {myEmail === null && account !== "elsewhere" && (
        <AcceptForm token={token} email={email} hasAccount={account === "password"} />
      )}
      {myEmail === email && <JoinTeam token={token} teamName={teamName} />}
      {myEmail !== null && myEmail !== email && <SignOutFirst email={email} myEmail={myEmail} />}
    </>
  );
}

function SignInElsewhere() {
  return (
    <>
      <p className="mb-4 text-ink-2">
        This address has an account here already. Sign in as you do otherwise, then open this link
        again.
      </p>
      <Link href={"/sign-in" as Route} className={buttonClass({ tone: "primary" })}>
        Sign in
      </Link>
    </>
  );
}
