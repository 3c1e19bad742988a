import type { Role } from "#lib/core/principal.ts";

export const roleNames: Readonly<Record<Role, string>> = {
  owner: "Owner",
  admin: "Admin",
  member: "Member",
};

/** What a role may, for whoever chooses one. */
export const roleWords: Readonly<Record<Role, string>> = {
  owner: "Looks after everything, and can make others owners.",
  admin: "Looks after people and everybody's connections, below owners.",
  member: "Connects themselves, and looks after what they set up.",
};
