import {
  type GetPromptResult,
  ProtocolError,
  ProtocolErrorCode,
} from "@modelcontextprotocol/server";

type Argument = { name: string; description: string; required: boolean };
type Prompt = {
  name: string;
  title: string;
  description: string;
  arguments: readonly Argument[];
  text(given: Readonly<Record<string, string>>): string;
};

const MAX_ARGUMENT = 1_000;

const connection: Argument = {
  name: "connectionId",
  description: "Which connection, by its id from connections_list.",
  required: false,
};
const on = ({ connectionId }: Readonly<Record<string, string>>) =>
  connectionId
    ? `Use the connection ${quoted(connectionId)}.`
    : "Look at connections_list first, and ask me which connection if more than one could be meant.";
/** What a person typed is named as such, on one line. */
const quoted = (text: string) => JSON.stringify(text);

const planWords =
  "Change nothing in any other way than by proposing a plan. Say in its reason why, in two sentences. Tell me where to look at it and what would change, then wait with plans_get for my decision.";

/** Common jobs, in words of ours; the same for everybody. */
const prompts: readonly Prompt[] = [
  {
    name: "explore-an-org",
    title: "Explore a Salesforce org",
    description: "What is in an org: its objects, how many records, what is used and what is not.",
    arguments: [connection],
    text: (given) =>
      `Get to know a Salesforce org, by reading alone. ${on(given)}
1. List its objects and find those that hold data; count the records of the ten that matter most.
2. Describe these ten: required fields, own fields, relations between them.
3. Look at its limits.
Then tell me on one page: what this org is used for, how its objects hang together, what looks unused or doubtful, and three questions that I should ask its admin.`,
  },
  {
    name: "clean-up-duplicates",
    title: "Clean up duplicates through a plan",
    description: "Finds records that are the same thing twice and proposes what to do as a plan.",
    arguments: [
      connection,
      { name: "object", description: "Which object, Contact say.", required: true },
      { name: "sameWhen", description: "What makes two the same, e-mail say.", required: false },
    ],
    text: (given) =>
      `Find duplicates of the Salesforce object ${quoted(given.object ?? "")}, and propose how to clean them up. ${on(given)}
Two records are the same when: ${quoted(given.sameWhen ?? "their e-mail is the same, or name and postal code are")}.
1. Count first. Then read the groups of duplicates, with the fields that decide which record to keep.
2. Keep the record that is most complete, and of equals the oldest. Say which values it should take over from the others.
3. Show me the first ten groups and wait for my word.
4. Propose one plan: first the updates of what is kept, then the removal of the rest. ${planWords}`,
  },
  {
    name: "prepare-a-win-back-journey",
    title: "Prepare a win-back journey",
    description: "Finds people who have gone quiet and prepares a journey to win them back.",
    arguments: [
      connection,
      {
        name: "quietForDays",
        description: "Since how many days they did nothing.",
        required: false,
      },
    ],
    text: (given) =>
      `Prepare a Marketing Cloud journey for people who have gone quiet. ${on(given)}
Quiet means: no open and no click for ${quoted(given.quietForDays ?? "180")} days.
1. Find where the people are: data extensions with a subscriber key, and the tracking events of opens and clicks.
2. Tell me how many they would be, and whom to leave out: unsubscribed, bounced, in another journey now.
3. Look for an e-mail that fits; else draft one, and show me its text.
4. Propose one plan that makes the data extension, its rows, the e-mail and the journey as a draft. Publish nothing. ${planWords}`,
  },
  {
    name: "check-a-sends-results",
    title: "Check a send's results",
    description: "How a send went, by its tracking events, and what stands out.",
    arguments: [
      connection,
      { name: "send", description: "Which one: a name, a key or a day.", required: true },
    ],
    text: (given) =>
      `Look at how a send went in Marketing Cloud, by reading alone. ${on(given)}
The send: ${quoted(given.send ?? "")}.
Count its sent, open, click, bounce and unsubscribe events, by hour where that shows something. Compare it with the two sends before it. Tell me in ten lines what stands out, what bounced and why, and what you would do about it.`,
  },
  {
    name: "find-why-a-record-is-wrong",
    title: "Find why a record is wrong",
    description: "Follows a wrong value to where it came from, and proposes a correction.",
    arguments: [
      connection,
      { name: "record", description: "Which record: an id or a link to it.", required: true },
      { name: "what", description: "What is wrong with it.", required: true },
    ],
    text: (given) =>
      `Something is wrong with a record, and I want to know why. ${on(given)}
The record: ${quoted(given.record ?? "")}. What is wrong: ${quoted(given.what ?? "")}.
1. Read the record with all its fields, who changed it last and when, and the records beside it.
2. Describe its object: is the field written by a formula, a default or a rule? Do other records of that day have the same fault?
3. Tell me the likeliest cause, and what speaks for and against it.
4. If a correction is clear, propose it as a plan. ${planWords}`,
  },
];

export const listPrompts = () =>
  prompts.map(({ name, title, description, arguments: given }) => ({
    ...{ name, title, description },
    arguments: [...given],
  }));

/** @throws {ProtocolError} no such prompt, or an argument is missing, unknown or too long */
export function getPrompt(
  name: string,
  given: Readonly<Record<string, string>> = {},
): GetPromptResult {
  const prompt = prompts.find((each) => each.name === name);
  if (!prompt) throw invalid("There is no such prompt.");
  const known = new Set(prompt.arguments.map((argument) => argument.name));
  for (const [argument, value] of Object.entries(given)) {
    if (!known.has(argument)) throw invalid("This prompt has no such argument.");
    if (value.length > MAX_ARGUMENT) throw invalid("An argument is too long.");
  }
  const missing = prompt.arguments.find((one) => one.required && !given[one.name]?.trim());
  if (missing) throw invalid(`This prompt needs the argument ${missing.name}.`);
  return {
    description: prompt.description,
    messages: [{ role: "user", content: { type: "text", text: prompt.text(given) } }],
  };
}

const invalid = (message: string) => new ProtocolError(ProtocolErrorCode.InvalidParams, message);
