export type HostProblem =
  | "empty"
  | "too_long"
  | "not_ascii"
  | "not_https"
  | "has_credentials"
  | "has_port"
  | "ip_address"
  | "trailing_dot"
  | "bad_label"
  | "not_an_address";

export type ParsedAddress =
  | { ok: true; host: string; path: string; hasQuery: boolean }
  | { ok: false; reason: HostProblem };

const longestAddress = 2048;
const longestName = 253;
const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * A host name as it is sent: lower case, at least two plain labels, no punycode, no dot at the end,
 * no IP address in any spelling (NET-2).
 */
export function isPlainHostName(host: string): boolean {
  return hostNameProblem(host) === undefined;
}

function hostNameProblem(host: string): HostProblem | undefined {
  if (host.endsWith(".")) return "trailing_dot";
  const labels = host.split(".");
  const last = labels.at(-1) ?? "";
  // A name that ends in a number is read as an IPv4 address by URL parsers and resolvers.
  if (host.startsWith("[") || /^(?:\d+|0x[0-9a-f]*)$/.test(last)) return "ip_address";
  if (host.length > longestName || labels.length < 2) return "bad_label";
  const isPlain = labels.every((part) => label.test(part) && !part.startsWith("xn--"));
  return isPlain ? undefined : "bad_label";
}

/**
 * The host of a host name or https address that a person pasted (NET-2). Parsed once by the WHATWG
 * rules; taken only where the authority as written is the host as parsed, so that nothing which two
 * parsers could read differently gets through.
 */
export function parseHttpsAddress(input: string): ParsedAddress {
  const refuse = (reason: HostProblem): ParsedAddress => ({ ok: false, reason });
  const text = input.trim();
  if (text === "") return refuse("empty");
  if (text.length > longestAddress) return refuse("too_long");
  if (!/^[\x21-\x7e]+$/.test(text)) return refuse("not_ascii");
  const scheme = text.match(/^([a-z][a-z0-9+.-]*):\/\//i)?.[1]?.toLowerCase();
  if (scheme !== undefined && scheme !== "https") return refuse("not_https");
  const rest = scheme === undefined ? text : text.slice("https://".length);
  const authority = (rest.match(/^[^/?#]*/)?.[0] ?? "").toLowerCase();
  if (authority.includes("@")) return refuse("has_credentials");

  const written = authority.replace(/:443$/, "");
  if (/^[^:[\]]+:\d+$/.test(written)) return refuse("has_port");
  const problem = hostNameProblem(written);
  if (problem !== undefined) return refuse(problem);
  const url = URL.canParse(`https://${rest}`) ? new URL(`https://${rest}`) : undefined;
  if (url === undefined || url.hostname !== written || url.port !== "") {
    return refuse("not_an_address");
  }
  if (url.username !== "" || url.password !== "") return refuse("has_credentials");
  return {
    ok: true,
    host: url.hostname,
    path: url.pathname,
    hasQuery: url.search !== "" || url.hash !== "",
  };
}

/** Each problem in words for the person who pasted the address. */
export const hostProblemWords: Readonly<Record<HostProblem, string>> = {
  empty: "Enter an address.",
  too_long: "This is too long for an address.",
  not_ascii: "An address has only plain letters, digits, dots and hyphens. Type it by hand.",
  not_https: "Only https:// addresses are taken.",
  has_credentials: "Take out what stands before the @.",
  has_port: "Take out the port number after the colon.",
  ip_address: "Enter the host's name, not its IP address.",
  trailing_dot: "Take out the dot at the end.",
  bad_label: "This is not a complete host name.",
  not_an_address: "This cannot be read as an address.",
};
