/**
 * Preloaded into every tier of the example: puts one bug into the source of one of its files as that is loaded. The bug
 * is in this module's own address, `?{"file":…,"from":…,"to":…}`, because Node's options are all that the tiers hand down.
 */
import { register } from "node:module";

register("./sourceHook.mjs", import.meta.url, {
  data: JSON.parse(decodeURIComponent(new URL(import.meta.url).search.slice(1))),
});
