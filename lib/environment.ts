export { childEnvironment } from "./boundary/childEnvironment.js";
export { parentContext } from "./boundary/parentContext.js";
