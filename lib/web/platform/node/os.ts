/** A page does not know the machine's user. */
export const homedir = (): string => "";
export const userInfo = (): { readonly username: string } => ({ username: "" });
/** Nor does it get signals. */
export const constants = { signals: {} };
