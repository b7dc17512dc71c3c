export function plugin(): void {}
