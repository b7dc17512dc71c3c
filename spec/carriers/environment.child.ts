import { parentContext } from "../../lib/environment.js";
import { contentOf } from "./contexts.js";

// What a tier of Land does when its parent has started it.
process.stdout.write(JSON.stringify(contentOf(parentContext())));
