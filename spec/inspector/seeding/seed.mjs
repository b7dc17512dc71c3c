/**
 * Preloaded into every tier of the example: plants one bug in the source of one of its files as that is loaded. The bug
 * is in this module's own URL, `?{"file":…,"from":…,"to":…}`, because the tiers hand down nothing but Node's options.
 */
import { register } from "node:module";

register("./sourceHook.mjs", import.meta.url, {
  data: JSON.parse(decodeURIComponent(new URL(import.meta.url).search.slice(1))),
});
