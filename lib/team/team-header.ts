/** The header in which a page says which team it was made for. */
export const TEAM_HEADER = "x-studio-team";
