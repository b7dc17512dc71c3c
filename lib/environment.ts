export { childEnvironment } from "./carriers/childEnvironment.js";
export { parentContext } from "./carriers/parentContext.js";
