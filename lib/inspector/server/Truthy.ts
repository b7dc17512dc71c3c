/** What is left of a type when it is known not to be falsy. */
export type Truthy<T> = Exclude<T, false | 0 | "" | null | undefined>;
