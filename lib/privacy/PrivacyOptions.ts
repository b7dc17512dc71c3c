export type PrivacyOptions = { readonly enabled?: boolean };
