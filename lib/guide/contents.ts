/** A page of the guide: its address below `/docs`, its file below `docs/`. */
export type GuidePage = { slug: string; file: string; title: string };
export type GuideSection = { title: string; pages: readonly GuidePage[] };

/** The guide in reading order. A file of `docs/` that is not here is not served. */
export const guideSections: readonly GuideSection[] = [
  {
    title: "Start",
    pages: [{ slug: "", file: "README.md", title: "The first ten minutes" }],
  },
  {
    title: "Connect",
    pages: [
      { slug: "connect-salesforce", file: "connect-salesforce.md", title: "A Salesforce org" },
      {
        slug: "connect-marketing-cloud",
        file: "connect-marketing-cloud.md",
        title: "A Marketing Cloud business unit",
      },
      { slug: "business-units", file: "business-units.md", title: "Many business units" },
      { slug: "health", file: "health.md", title: "How a connection is doing" },
      { slug: "explore", file: "explore.md", title: "Explore by hand" },
    ],
  },
  {
    title: "Agents",
    pages: [
      { slug: "agents", file: "agents.md", title: "Agents and keys" },
      { slug: "mcp", file: "mcp.md", title: "Tools for MCP clients" },
      { slug: "leases", file: "leases.md", title: "Leases and the proxy" },
      { slug: "plans", file: "plans.md", title: "Plans" },
      { slug: "http-api", file: "http-api.md", title: "The HTTP interface" },
      { slug: "limits", file: "limits.md", title: "Limits" },
    ],
  },
  {
    title: "Work together",
    pages: [
      { slug: "team", file: "team.md", title: "People and roles" },
      { slug: "activity", file: "activity.md", title: "The trail of events" },
    ],
  },
  {
    title: "When something stops",
    pages: [{ slug: "troubleshooting", file: "troubleshooting/README.md", title: "Every reason" }],
  },
  {
    title: "Operate",
    pages: [
      { slug: "operating", file: "operating.md", title: "Run a studio" },
      { slug: "keys", file: "keys.md", title: "Keys" },
      { slug: "emergency-stop", file: "emergency-stop.md", title: "The emergency stop" },
      { slug: "metrics-and-logs", file: "metrics-and-logs.md", title: "Metrics, traces and logs" },
    ],
  },
];

export const guidePages: readonly GuidePage[] = guideSections.flatMap(({ pages }) => pages);

/** Where the guide page of a reason is. */
export const troubleshootingSlug = (code: string) => `troubleshooting/${code}`;
