import { callApi } from "#components/ui/api.ts";
import type { Role } from "#lib/core/principal.ts";
import type { Risk } from "#lib/plans/plan-states.ts";
import type { NewInvitationJson, Removal } from "#lib/team/schema.ts";

const schemas = () => import("#lib/team/schema.ts");

export const changeRole = (userId: string, role: Role): Promise<void> =>
  callApi(`/api/team/members/${userId}`, null, { method: "PATCH", body: { role } });

export const removeMember = (userId: string): Promise<Removal> =>
  callApi(`/api/team/members/${userId}`, async () => (await schemas()).removalSchema, {
    method: "DELETE",
  });

export const endMemberSessions = (userId: string): Promise<void> =>
  callApi(`/api/team/members/${userId}/sessions`, null, { method: "DELETE" });

export const resetSecondFactors = (userId: string): Promise<void> =>
  callApi(`/api/team/members/${userId}/second-factors`, null, { method: "DELETE" });

export const endGrant = (grantId: string): Promise<void> =>
  callApi(`/api/grants/${grantId}`, null, { method: "DELETE" });

const newInvitation = async () => (await schemas()).newInvitationSchema;

export const invite = (email: string, role: Role): Promise<NewInvitationJson> =>
  callApi("/api/team/invitations", newInvitation, { method: "POST", body: { email, role } });

export const renewInvitation = (id: string): Promise<NewInvitationJson> =>
  callApi(`/api/team/invitations/${id}/renew`, newInvitation, { method: "POST" });

export const revokeInvitation = (id: string): Promise<void> =>
  callApi(`/api/team/invitations/${id}`, null, { method: "DELETE" });

export const renameTeam = (name: string): Promise<void> =>
  callApi("/api/team", null, { method: "PATCH", body: { name } });

export const setFourEyes = (kinds: readonly Risk[]): Promise<void> =>
  callApi("/api/team/four-eyes", null, { method: "PUT", body: { kinds } });
