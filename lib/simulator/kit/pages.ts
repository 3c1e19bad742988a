const entities: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

const escapeHtml = (value: string): string =>
  value.replace(/[&<>"']/g, (character) => entities[character] as string);

const style = `
:root{color-scheme:light dark;--bg:light-dark(#f5f6f8,#14171c);--card:light-dark(#fff,#1c2027);
--ink:light-dark(#1b2330,#e7eaf0);--soft:light-dark(#566072,#a3acba);--line:light-dark(#d9dee6,#343b47);
--act:light-dark(#3346b8,#a9b6ff);--on-act:light-dark(#fff,#14171c);--warn:light-dark(#9a2b1f,#ffb4a8)}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;background:var(--bg);color:var(--ink);
font:16px/1.5 system-ui,sans-serif;display:grid;place-items:start center;padding:6vh 1rem}
main{width:100%;max-width:27rem;background:var(--card);border:1px solid var(--line);border-radius:12px;padding:1.75rem}
h1{font-size:1.3rem;line-height:1.3;margin:.25rem 0 .5rem}
h2{font-size:1rem;margin:1.5rem 0 .5rem}
p{margin:.5rem 0}
.note,.host{color:var(--soft);font-size:.875rem}
.host{overflow-wrap:anywhere;margin:0}
.problem{color:var(--warn);font-weight:600}
ul{margin:.5rem 0;padding-left:1.25rem}
.people{list-style:none;padding:0;margin:1rem 0;display:grid;gap:.5rem}
label{display:block;font-weight:600;margin:.75rem 0 .25rem}
input{width:100%;font:inherit;color:inherit;background:transparent;border:1px solid var(--soft);border-radius:8px;padding:.55rem .7rem}
button{font:inherit;font-weight:600;cursor:pointer;border-radius:8px;padding:.6rem 1rem;border:1px solid var(--line);background:transparent;color:var(--ink)}
button.main{background:var(--act);color:var(--on-act);border-color:var(--act)}
button.person{width:100%;text-align:left}
button small{display:block;font-weight:400;color:var(--soft)}
:focus-visible{outline:3px solid var(--act);outline-offset:2px}
.row{display:flex;gap:.75rem;margin-top:1.25rem}
.row form,.row button{flex:1}
code{overflow-wrap:anywhere}
`.replaceAll("\n", "");

/**
 * A whole page without script or outside assets. `body` is HTML and must be escaped by its maker.
 *
 * @param provider - the provider that the page stands in for, named so that nobody takes it for real
 */
function page(provider: string, host: string, title: string, body: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${escapeHtml(title)} · demo of ${escapeHtml(provider)}</title><style>${style}</style></head><body><main><p class="note">Demo of ${escapeHtml(provider)}: everything here is made up.</p><p class="host">${escapeHtml(host)}</p><h1>${escapeHtml(title)}</h1>${body}</main></body></html>`;
}

const hiddenInputs = (fields: Record<string, string>) =>
  Object.entries(fields)
    .map(
      ([name, value]) =>
        `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`,
    )
    .join("");

export type Person = {
  /** Sent as the form field `choose`. */
  username: string;
  name: string;
  /** What tells this person from the others: role, org or business unit. */
  detail: string;
};

/**
 * The sign-in page. Both forms POST to `action`: a button of the list sends `choose=<username>`, the
 * form below it `username` and `password`; the hidden fields go with either.
 */
export function loginPage(view: {
  provider: string;
  host: string;
  /** Who asks: the app's name, when it is known. */
  appName?: string;
  action: string;
  hidden?: Record<string, string>;
  /** Shown as "Continue as …": the demo's people. Empty: only the form with the password. */
  people: readonly Person[];
  problem?: string;
  usernameHint?: string;
  /** Login hosts that serve many orgs offer the way to one's own: a form with this field. */
  customDomain?: { action: string; name: string; suffix: string };
}): string {
  const hidden = hiddenInputs(view.hidden ?? {});
  const action = escapeHtml(view.action);
  const people = view.people.length
    ? `<form method="post" action="${action}" aria-label="Demo people">${hidden}<ul class="people">${view.people
        .map(
          (person) =>
            `<li><button class="person" name="choose" value="${escapeHtml(person.username)}">Continue as ${escapeHtml(person.name)}<small>${escapeHtml(person.detail)}</small></button></li>`,
        )
        .join("")}</ul></form><h2>Or with a password</h2>`
    : "";
  const asks = view.appName ? `<p>to continue to ${escapeHtml(view.appName)}</p>` : "";
  const problem = view.problem
    ? `<p class="problem" role="alert">${escapeHtml(view.problem)}</p>`
    : "";
  return page(
    view.provider,
    view.host,
    "Sign in",
    `${asks}${problem}${people}<form method="post" action="${action}" aria-label="Username and password">${hidden}<label for="username">Username</label><input id="username" name="username" autocomplete="username" required value="${escapeHtml(view.usernameHint ?? "")}"><label for="password">Password</label><input id="password" name="password" type="password" autocomplete="current-password" required><div class="row"><button class="main">Sign in</button></div></form>${customDomainForm(view, hidden)}`,
  );
}

function customDomainForm(
  { customDomain }: { customDomain?: { action: string; name: string; suffix: string } },
  hidden: string,
): string {
  if (!customDomain) return "";
  const { action, name, suffix } = customDomain;
  return `<h2>Use Custom Domain</h2><form method="post" action="${escapeHtml(action)}" aria-label="Use Custom Domain">${hidden}<label for="${escapeHtml(name)}">Custom Domain</label><input id="${escapeHtml(name)}" name="${escapeHtml(name)}" required autocomplete="off"><p class="note">your-domain${escapeHtml(suffix)}</p><div class="row"><button>Continue</button></div></form>`;
}

/** Asks the signed-in user; POSTs `decision=allow` or `decision=deny` with the hidden fields. */
export function approvalPage(view: {
  provider: string;
  host: string;
  appName: string;
  userName: string;
  /** Where the user is: org or business unit. */
  place: string;
  /** One sentence for each thing the app may do. */
  permissions: readonly string[];
  action: string;
  hidden?: Record<string, string>;
}): string {
  return page(
    view.provider,
    view.host,
    `Allow access to ${view.appName}?`,
    `<p>${escapeHtml(view.appName)} asks to:</p><ul>${view.permissions.map((line) => `<li>${escapeHtml(line)}</li>`).join("")}</ul><p class="note">You are ${escapeHtml(view.userName)} in ${escapeHtml(view.place)}.</p><form method="post" action="${escapeHtml(view.action)}">${hiddenInputs(view.hidden ?? {})}<div class="row"><button name="decision" value="deny">Deny</button><button class="main" name="decision" value="allow">Allow</button></div></form>`,
  );
}

/** A page that ends a flow at the provider. `code` is the provider's own text, shown as it is. */
export function errorPage(view: {
  provider: string;
  host: string;
  title: string;
  message: string;
  code?: string;
}): string {
  const code = view.code ? `<p><code>${escapeHtml(view.code)}</code></p>` : "";
  return page(
    view.provider,
    view.host,
    view.title,
    `<p role="alert">${escapeHtml(view.message)}</p>${code}`,
  );
}

/** A form with one text field (the device flow's code), or just a statement when `field` is absent. */
export function plainPage(view: {
  provider: string;
  host: string;
  title: string;
  message: string;
  form?: {
    action: string;
    hidden?: Record<string, string>;
    name: string;
    label: string;
    button: string;
  };
}): string {
  const form = view.form
    ? `<form method="post" action="${escapeHtml(view.form.action)}">${hiddenInputs(view.form.hidden ?? {})}<label for="${escapeHtml(view.form.name)}">${escapeHtml(view.form.label)}</label><input id="${escapeHtml(view.form.name)}" name="${escapeHtml(view.form.name)}" required autocomplete="off"><div class="row"><button class="main">${escapeHtml(view.form.button)}</button></div></form>`
    : "";
  return page(view.provider, view.host, view.title, `<p>${escapeHtml(view.message)}</p>${form}`);
}
