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
import type { CurrentUser, SessionJson } from "#lib/auth/schema.ts";
import type { SecondFactorsJson } from "#lib/second-factor/schema.ts";
import type { TeamJson } from "#lib/team/schema.ts";

/** What is one's own: how the studio looks here, the password, and where one is signed in. */
export function SettingsView({
  user,
  sessions,
  secondFactors,
  teams,
}: {
  user: CurrentUser;
  sessions: readonly SessionJson[];
  secondFactors: SecondFactorsJson;
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
          <Section id="second-factor" title="Second factor" aside="asked after signing in">
            <SecondFactors {...secondFactors} />
          </Section>
          <Section title="Sessions" aside="where you are signed in">
            <Sessions sessions={sessions} />
          </Section>
          <Section title="Teams" id="teams">
            <OwnTeams teams={teams} />
          </Section>
          <Section title="Password" isLast>
            <ChangePassword email={user.email} />
          </Section>
        </div>
      </PageBody>
    </>
  );
}
