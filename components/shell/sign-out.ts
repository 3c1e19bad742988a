/** Ends this session on the server and goes to the sign-in page. */
export const signOutHere = (): Promise<void> => signOutTo("/sign-in");

/** The same, to another page of ours that strangers may see. */
export async function signOutTo(path: string): Promise<void> {
  // Loaded on the press: a page's first script does not carry it.
  const { signOut } = await import("next-auth/react");
  await signOut({ redirect: false });
  window.location.assign(path);
}
