const browsers = ["Edg", "OPR", "Firefox", "Chrome", "Safari"] as const;
const systems = ["Android", "iPhone", "iPad", "Windows", "Mac OS X", "Linux"] as const;
const spoken: Readonly<Record<string, string>> = {
  Edg: "Edge",
  OPR: "Opera",
  "Mac OS X": "macOS",
};

/** "Firefox on Windows", as far as a user agent can be believed. */
export function browserOf(userAgent: string | null): string {
  const find = (names: readonly string[]) => names.find((name) => userAgent?.includes(name));
  const browser = find(browsers);
  const system = find(systems);
  const say = (name: string) => spoken[name] ?? name;
  if (browser === undefined) return "Unknown browser";
  return system === undefined ? say(browser) : `${say(browser)} on ${say(system)}`;
}
