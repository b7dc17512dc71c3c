import * as nodeFs from "node:fs";
import { untraced } from "./untraced.js";

/** node:fs with untraced calls. Functions are looked up on each call, because a host may patch them at any time. */
export const fs: typeof nodeFs = new Proxy(nodeFs, {
  get(target, name) {
    const member: unknown = Reflect.get(target, name);
    if (typeof member !== "function") return member;
    return (...args: unknown[]): unknown =>
      untraced(() => Reflect.apply(member, target, args) as unknown);
  },
});
