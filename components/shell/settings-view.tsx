import { WaysNotice } from "#components/auth/ways-notice.tsx";
import { WaysPanel, type WaysPanelProps } from "#components/auth/ways-panel.tsx";
import { SecondFactors } from "#components/second-factor/second-factors.tsx";
import {
  ChangePassword,
  Keys,
  Sessions,
  SignOut,
  Theme,
} from "#components/shell/settings-parts.tsx";
import { PageBody, TopBar, TopBarTitle } from "#components/shell/top-bar.tsx";
import { OwnTeams } from "#components/team/own-teams.tsx";
import { Facts, Section } from "#components/ui/panel.tsx";
import type { CurrentUser, SessionJson, SignInProblem } from "#lib/auth/schema.ts";
import type { SecondFactorsJson } from "#lib/second-factor/schema.ts";
import type { TeamJson } from "#lib/team/schema.ts";

/** What is one's own: how the studio looks here, the password, and where one is signed in. */
export function SettingsView({
  user,
  sessions,
  secondFactors,
  ways,
  notice = null,
  teams,
}: {
  user: CurrentUser;
  sessions: readonly SessionJson[];
  secondFactors: SecondFactorsJson;
  ways: WaysPanelProps;
  /** What came of linking a way in just now. */
  notice?: { name: string; problem: SignInProblem | null } | null;
  teams: readonly TeamJson[];
}) {
  return (
    <>
      <TopBar>
        <TopBarTitle>Settings</TopBarTitle>
        <SignOut />
      </TopBar>
      <PageBody>
        <div className="max-w-measure">
          {notice && <WaysNotice {...notice} />}
          <Section title="You">
            <Facts
              items={[
                { name: "Name", value: user.name },
                { name: "E-mail", value: user.email },
                { name: "Team", value: `${user.teamName}, ${user.role}` },
              ]}
            />
          </Section>
          <Section title="On this browser">
            <div className="grid gap-4">
              <Theme />
              <Keys />
            </div>
          </Section>
          <Section title="Sign-in ways" aside="how you get in" id="sign-in-ways">
            <WaysPanel {...ways} />
          </Section>
          <Section id="second-factor" title="Second factor" aside="asked after signing in">
            <SecondFactors {...secondFactors} />
          </Section>
          <Section title="Sessions" aside="where you are signed in">
            <Sessions sessions={sessions} />
          </Section>
          <Section title="Teams" id="teams" isLast={!ways.hasPassword}>
            <OwnTeams teams={teams} />
          </Section>
          {ways.hasPassword && (
            <Section title="Password" isLast>
              <ChangePassword email={user.email} />
            </Section>
          )}
        </div>
      </PageBody>
    </>
  );
}
