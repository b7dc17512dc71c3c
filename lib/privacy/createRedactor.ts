import type { PrivacyOptions } from "./PrivacyOptions.js";
export interface Redactor { value(value: unknown, key?: string): unknown }
export function createRedactor(_options?: PrivacyOptions): Redactor { return { value: (value) => value }; }
