import { groupMid } from "#lib/grants/decoder/facts.ts";
import {
  again,
  comeBackLater,
  differently,
  otherMethods,
  scopesStep,
  step,
} from "#lib/grants/decoder/steps.ts";
import type { ReasonTable } from "#lib/grants/decoder/words.ts";

/** Who signed in, and what an admin lets them do. */
export const userReasons = {
  authorization_failed: (w) => ({
    title: `${w.label} did not complete the sign-in`,
    cause: w.isMarketingCloud
      ? "It gave no reason that says more. Most often the user is not licensed for the package, or a scope is missing on it."
      : "It gave no reason that says more. Most often the app lacks a scope, or the user may not use the app.",
    steps: [
      step("Try once more", "Use a private window when another user is signed in there.", again),
      scopesStep(w),
      step(
        "Look at the sign-in's own record",
        w.isMarketingCloud
          ? "In Marketing Cloud: Setup › Security › Security Dashboard."
          : "In Salesforce: Setup › Login History names the reason in its Status column.",
        w.forAdmin(`A sign-in through the ${w.app} ended without a reason. Please look it up.`),
      ),
    ],
  }),

  access_denied: (w) => ({
    title: "The access was declined",
    cause: `${w.label} reports that the access was not approved on its page. Nothing was connected.`,
    steps: [
      step(
        "Approve it this time",
        "The page lists what the studio may do. Agents still need a lease, and writes need an approved plan.",
        again,
      ),
      step(
        "Or ask for less",
        "Fewer scopes make a shorter list.",
        differently(w, "Change the scopes"),
      ),
    ],
  }),

  api_access_denied: (w) => ({
    title: "This user may not use the API",
    cause: w.isMarketingCloud
      ? "The sign-in worked, but the user's roles allow no API access."
      : "The sign-in worked, but the user's profile lacks the permission “API Enabled”, or the org has no API access.",
    steps: [
      step(
        w.isMarketingCloud
          ? "Ask an admin for a role with API access"
          : "Ask an admin for “API Enabled”",
        w.isMarketingCloud
          ? "Setup › Users › the user › Roles."
          : "Setup › Users › the user › Profile or Permission Sets › System Permissions › API Enabled.",
        w.forAdmin(
          w.isMarketingCloud
            ? "Please give my user a role that allows API access."
            : "Please give my user the permission “API Enabled”, through the profile or a permission set.",
        ),
      ),
      step("Connect again", "The permission counts at once.", again),
    ],
  }),

  user_not_licensed: (w) => ({
    title: "This user is not licensed for the package",
    cause: "Marketing Cloud lets only licensed users sign in through an Installed Package.",
    steps: [
      step(
        "License the user on the Access tab",
        "Setup › Platform Tools › Apps › Installed Packages › the package › Access.",
        w.forAdmin("Please license my user on the Access tab of the Installed Package."),
      ),
      comeBackLater(w),
    ],
  }),

  user_inactive: (w) => ({
    title: "This user is inactive",
    cause: `${w.label} knows the user, but an admin deactivated or froze it.`,
    steps: [
      step(
        "Sign in as another user, or have this one activated",
        "Setup › Users.",
        again,
        w.forAdmin("Please activate my user."),
      ),
    ],
  }),

  admin_approval_required: (w) => ({
    title: "An admin has to allow you for this app",
    cause:
      "The app is set so that only users whom an admin approved may use it, and you are not among them yet.",
    steps: [
      step(
        "Ask for access",
        "Setup › External Client App Manager › the app › Policies: an admin adds your profile or a permission set of yours.",
        w.forAdmin("Please add my profile, or a permission set of mine, to the app's policies."),
      ),
      step("Connect again", "Once you are added.", again),
    ],
    otherwise: {
      title: "No answer yet?",
      text: "Another method may be open to you.",
      actions: otherMethods(w),
    },
  }),

  user_not_approved: (w) => ({
    title: "This user has not approved the app yet",
    cause: "The org wants each user's approval, or an admin's for all, before the app may act.",
    steps: [
      step(
        "Sign in and approve",
        "Choose Allow on the page that lists what the studio may do.",
        again,
      ),
      step(
        "If no such page comes up",
        "An admin sets “Permitted Users” in the app's policies.",
        w.forAdmin(
          "Please look at “Permitted Users” in the app's policies: my user is not approved.",
        ),
      ),
    ],
  }),

  ip_restricted: (w) => ({
    title: "Sign-ins from this network are not allowed",
    cause: `${w.label} limits from which addresses this user or app may come. The studio's own address counts too.`,
    steps: [
      step(
        "Ask an admin to allow the studio's address",
        w.isMarketingCloud
          ? "Setup › Security › Login IP Allowlist."
          : "The profile's Login IP Ranges, or “IP Relaxation” in the app's policies.",
        w.forAdmin(
          "Sign-ins through the app are refused by an IP restriction. Please allow the address of our MeshMesh Studio.",
        ),
      ),
      step("Then connect again", "From the usual network.", again),
    ],
  }),

  login_hours: (w) => ({
    title: "Outside this user's login hours",
    cause: "The user's profile allows sign-ins only at certain hours.",
    steps: [
      step(
        "Come back within the hours",
        "Or ask an admin to widen them: Setup › Profiles › Login Hours.",
        again,
        w.forAdmin("Please look at the login hours of my profile."),
      ),
    ],
  }),

  wrong_business_unit: (w) => ({
    title: "You are in another business unit",
    cause:
      w.accountId && w.actualAccountId
        ? `You are in business unit ${groupMid(w.actualAccountId)}, this connection is for ${groupMid(w.accountId)}.`
        : w.accountId
          ? `This connection is for business unit ${groupMid(w.accountId)}, and Marketing Cloud answered for a different one.`
          : "Marketing Cloud answered for a different business unit than this connection is for.",
    steps: [
      step(
        "Switch the business unit over there, then try again",
        "In Marketing Cloud the name at the top right opens the list. A signed-in session keeps the one it is in.",
        again,
      ),
      step(
        "Meant the other one?",
        "Make a connection for it, with its own MID.",
        differently(w, "Connect another MID"),
      ),
    ],
  }),

  business_unit_denied: (w) => ({
    title: "This user may not enter the business unit",
    cause: `Marketing Cloud gave no access to ${w.accountId ? `MID ${groupMid(w.accountId)}` : "the MID of this connection"}. Either the user is not assigned to it, or the MID belongs to another account.`,
    steps: [
      step(
        "Ask an admin to add you to it",
        "Setup › Users › Business Units › the unit › Manage users. The package needs access there too.",
        w.forAdmin(
          `Please give my user access to business unit ${w.accountId ?? ""}, and the Installed Package too.`,
        ),
        again,
      ),
      step(
        "Check the MID",
        "It stands beside the account name at the top right.",
        differently(w, "Enter another MID"),
      ),
    ],
  }),

  wrong_identity: (w) => ({
    title: "Somebody else came back than before",
    cause: `This connection is for another user or ${w.place} than the one that came back. What was connected before is untouched.`,
    steps: [
      step(
        "Sign in as the earlier user",
        "Sign out over there first, or use a private window.",
        again,
      ),
      step(
        `Meant the other ${w.place}?`,
        "Give it a connection of its own.",
        differently(w, "Connect it separately"),
      ),
    ],
  }),
} satisfies ReasonTable;
