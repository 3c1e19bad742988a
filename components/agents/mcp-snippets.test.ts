import { expect, test } from "vitest";
import { mcpSnippets, setKeyLines } from "#components/agents/mcp-snippets.ts";

const studioUrl = "https://studio.example";
const key = "mmk_AAAAAAAAAAAAAAAAAAAAAA_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB";
const open = "${";
const codeOf = (tool: string, of: object = {}) =>
  mcpSnippets({ studioUrl, ...of }).find((snippet) => snippet.tool === tool)?.code ?? "";

test("every client is told this studio's own address, and no two are alike", () => {
  const snippets = mcpSnippets({ studioUrl });
  expect(snippets.length).toBeGreaterThanOrEqual(6);
  expect(new Set(snippets.map(({ tool }) => tool)).size).toBe(snippets.length);
  for (const { tool, code, language } of snippets) {
    expect(code, tool).toContain(`${studioUrl}/api/mcp`);
    if (language === "json") expect(() => JSON.parse(code), tool).not.toThrow();
  }
});

test("a key stands only where a client cannot read it from the environment", () => {
  const holding = mcpSnippets({ studioUrl, key }).filter(({ code }) => code.includes(key));
  expect(holding.map(({ tool }) => tool)).toEqual(["Claude Desktop"]);
  expect(mcpSnippets({ studioUrl }).some(({ code }) => code.includes("mmk_"))).toBe(false);
  for (const { code } of setKeyLines(key)) expect(code).toContain(`'${key}'`);
});

test("each has the form that its client reads", () => {
  // In single quotes, so that the client puts the key in and no file holds it.
  expect(codeOf("Claude Code")).toBe(
    `claude mcp add --transport http meshmesh ${studioUrl}/api/mcp \\\n` +
      `  --header 'Authorization: Bearer ${open}MESHMESH_KEY}'`,
  );
  expect(JSON.parse(codeOf("Cursor")).mcpServers.meshmesh.headers.Authorization).toBe(
    `Bearer ${open}env:MESHMESH_KEY}`,
  );
  const code = JSON.parse(codeOf("VS Code"));
  expect(code.servers.meshmesh.headers.Authorization).toBe(`Bearer ${open}input:meshmesh-key}`);
  expect(code.inputs).toMatchObject([{ type: "promptString", id: "meshmesh-key", password: true }]);
  expect(JSON.parse(codeOf("Gemini CLI")).mcpServers.meshmesh.httpUrl).toBe(`${studioUrl}/api/mcp`);
  expect(codeOf("Codex CLI")).toContain('bearer_token_env_var = "MESHMESH_KEY"');
});

test("Claude Desktop's helper is allowed plain HTTP only where the studio has no other", () => {
  expect(codeOf("Claude Desktop")).not.toContain("--allow-http");
  expect(codeOf("Claude Desktop", { studioUrl: "http://localhost:3000" })).toContain(
    "--allow-http",
  );
});
