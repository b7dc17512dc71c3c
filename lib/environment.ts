export { childEnvironment, parentContext } from "./carriers/environment.js";
