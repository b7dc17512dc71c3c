import type { Tier } from "../resource/Tier.js";
import type { EventProperties } from "../shared/Runtime.js";

/**
 * Land's own events, keyed by what follows `land:<tier>:` in their names, with the properties that its dashboards
 * read. An application adds its own by declaring this interface again in `declare module "land-telemetry"`.
 */
export interface LandEvents {
  /** A handler has run. */
  readonly "handler:complete": {
    /** The method, or the feature that it belongs to. */
    readonly feature: string;
    readonly duration_ms: number;
    readonly ok: boolean;
    /** Whether the caller cancelled it; it is then neither ok nor an error. Default: false. */
    readonly cancelled?: boolean;
  };
  /** An entry file has begun to load. */
  readonly "entry:load": { readonly entry: string };
  /** An entry file has loaded. */
  readonly "entry:loaded": { readonly entry: string; readonly duration_ms: number };
  /** A stub answers for a feature that does not exist yet. */
  readonly "stub:active": { readonly feature: string; readonly reason: string };
  /** An extension has used a part of the VS Code API that does not exist here. */
  readonly vscode_api_gap: {
    readonly namespace: string;
    readonly method: string;
    readonly kind: string;
  };
}

/** The arguments of `captureEvent` after the name: for one of Land's own events, its properties and any others. */
export type EventArguments<Name extends string> =
  Name extends `land:${Tier}:${infer What extends keyof LandEvents}`
    ? [properties: LandEvents[What] & EventProperties]
    : [properties?: EventProperties];
