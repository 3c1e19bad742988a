/** How far Marketing Cloud Connect is set up in an org, step by step as the vendor lists them. */
export type SetupState = {
  packageInstalled: boolean;
  adminApprovedOnly: boolean;
  refreshPolicyZero: boolean;
  permissionSetExists: boolean;
  /** Usernames with the permission set of the connected app. */
  assignedTo: string[];
  appLinkedToPermissionSet: boolean;
};

export const setupComplete = (assignedTo: string[]): SetupState => ({
  packageInstalled: true,
  adminApprovedOnly: true,
  refreshPolicyZero: true,
  permissionSetExists: true,
  assignedTo,
  appLinkedToPermissionSet: true,
});

export const setupMissing: SetupState = {
  packageInstalled: false,
  adminApprovedOnly: false,
  refreshPolicyZero: false,
  permissionSetExists: false,
  assignedTo: [],
  appLinkedToPermissionSet: false,
};

/** Installed, but stopped half-way: nobody assigned, the app open to all. */
export const setupHalfWay: SetupState = {
  ...setupMissing,
  packageInstalled: true,
  permissionSetExists: true,
};
