/** Ends this session on the server and goes to the sign-in page. */
export async function signOutHere(): Promise<void> {
  // Loaded on the press: a page's first script does not carry it.
  const { signOut } = await import("next-auth/react");
  await signOut({ callbackUrl: "/sign-in" });
}
