import type { IssuedInvitation } from "#lib/team/invite.ts";
import type { NewInvitationJson } from "#lib/team/schema.ts";

/** An invitation with its link, the one time that it is shown. */
export function toInvitationLink(
  deps: { studioUrl: string },
  { invitation, token }: IssuedInvitation,
): NewInvitationJson {
  return { ...invitation, link: `${deps.studioUrl}/invite/${token.reveal()}` };
}
