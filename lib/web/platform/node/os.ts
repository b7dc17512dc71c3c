/** A page does not know the machine's user. */
export const homedir = (): string => "";
export const userInfo = (): { readonly username: string } => ({ username: "" });
/** It gets no signals either. */
export const constants = { signals: {} };
