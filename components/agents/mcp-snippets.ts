import { KEY_VARIABLE, type Snippet } from "#components/agents/snippets.ts";

/** As these clients write a variable in their files. */
const variable = (name: string) => `$\{${name}}`;
const json = (value: unknown) => JSON.stringify(value, null, 2);

/**
 * How MCP clients are told of this studio, each in the form that it reads today (looked up November 2026).
 *
 * @param key - the key itself, the one time that it is known; only where a client cannot read it from the
 *   environment it stands in the text
 */
export function mcpSnippets({
  studioUrl,
  key = null,
}: {
  studioUrl: string;
  key?: string | null;
}): Snippet[] {
  const url = `${studioUrl}/api/mcp`;
  const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
  return [
    {
      tool: "Claude Code",
      language: "shell",
      about: "Run it once. Start Claude Code where the key is set; /mcp shows the tools.",
      code: [
        `claude mcp add --transport http meshmesh ${url} \\`,
        `  --header 'Authorization: Bearer ${variable(KEY_VARIABLE)}'`,
      ].join("\n"),
    },
    {
      tool: "Claude Desktop",
      language: "json",
      about:
        "In claude_desktop_config.json (Settings, Developer, Edit Config). It starts local programs only, so mcp-remote carries the calls; the key stands in this file.",
      code: json({
        mcpServers: {
          meshmesh: {
            command: "npx",
            args: [
              "-y",
              "mcp-remote",
              url,
              "--header",
              `Authorization:${variable("AUTH_HEADER")}`,
              ...(url.startsWith("http://") ? ["--allow-http"] : []),
            ],
            env: { AUTH_HEADER: `Bearer ${key ?? "PASTE_THE_KEY"}` },
          },
        },
      }),
    },
    {
      tool: "Cursor",
      language: "json",
      about: "In ~/.cursor/mcp.json, or .cursor/mcp.json of a project.",
      code: json({
        mcpServers: { meshmesh: { url, headers: bearer(variable(`env:${KEY_VARIABLE}`)) } },
      }),
    },
    {
      tool: "VS Code",
      language: "json",
      about: "In .vscode/mcp.json. It asks for the key once and keeps it in its own store.",
      code: json({
        inputs: [
          { type: "promptString", id: "meshmesh-key", description: "MeshMesh key", password: true },
        ],
        servers: {
          meshmesh: { type: "http", url, headers: bearer(variable("input:meshmesh-key")) },
        },
      }),
    },
    {
      tool: "Codex CLI",
      language: "toml",
      about: "In ~/.codex/config.toml. It reads the key from the variable when it starts.",
      code: [
        "[mcp_servers.meshmesh]",
        `url = ${JSON.stringify(url)}`,
        `bearer_token_env_var = ${JSON.stringify(KEY_VARIABLE)}`,
      ].join("\n"),
    },
    {
      tool: "Gemini CLI",
      language: "json",
      about: "In ~/.gemini/settings.json. It uses servers in folders that you trust only.",
      code: json({
        mcpServers: { meshmesh: { httpUrl: url, headers: bearer(`$${KEY_VARIABLE}`) } },
      }),
    },
    {
      tool: "Any other",
      language: "shell",
      about: "Streamable HTTP at this address, with the key as bearer in each request.",
      code: [
        `curl ${url} \\`,
        `  -H "Authorization: Bearer $${KEY_VARIABLE}" \\`,
        '  -H "Content-Type: application/json" -H "Accept: application/json, text/event-stream" \\',
        '  -H "MCP-Protocol-Version: 2025-06-18" \\',
        `  -d '{"jsonrpc":"2.0","id":1,"method":"tools/list"}'`,
      ].join("\n"),
    },
  ];
}

/** Sets the key where a shell runs, the one time that it is known. */
export const setKeyLines = (key: string): Snippet[] => [
  {
    tool: "macOS, Linux",
    language: "shell",
    about: null,
    code: `export ${KEY_VARIABLE}='${key}'`,
  },
  {
    tool: "Windows",
    language: "shell",
    about: null,
    code: `$env:${KEY_VARIABLE} = '${key}'`,
  },
];
