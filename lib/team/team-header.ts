/**
 * The header in which a page says which team it was made for. Not one of `x-studio-*`: those are the
 * server's own words, and it drops them from what browsers send.
 */
export const TEAM_HEADER = "x-page-team";
