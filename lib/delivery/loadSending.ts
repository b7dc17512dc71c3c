/**
 * Loads what sending needs, before the first post is due. Here there is nothing to do: in the build the functions
 * that are called later are a file of their own (`CALLED_LATER` in scripts/entries.mjs), and this is one of them.
 */
export function loadSending(): void {
  // The call itself loads the file.
}
