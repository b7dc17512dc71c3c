import { segmentsOf } from "./KnownPlaces.js";
import { spellings } from "./spellings.js";

const MIN_LETTERS = 3;
const LETTERS = /\p{L}/gu;
/** Directories in which home directories lie; the name of one below is the user's. */
const HOLDERS = new Set(["home", "users", "documents and settings", "export", "people"]);

/**
 * Account names that belong to nobody: machines, images and build servers have them, and they are words of
 * every second trace (`node:internal`, `root span`).
 */
const IMPERSONAL = new Set(
  (
    "root node admin administrator runner runneradmin ubuntu debian fedora centos alpine ec2-user azureuser vagrant vscode codespace gitpod docker jenkins " +
    "buildkite circleci travis nobody daemon system guest user users default test tests dev developer app application build builder git code land service " +
    "worker container public shared www-data postgres oracle nonroot main home"
  ).split(" "),
);

/** The spellings of the names by which the user is known, of at least three letters and not impersonal. */
export function userSpellings(
  user: string | undefined,
  homes: readonly string[],
): readonly string[] {
  const names = [...homes.map(ownerOf), user].filter(
    (name) => name !== undefined && isPersonal(name),
  );
  return [
    ...new Set(
      names.flatMap((name) => spellings(name ?? "")).map((name) => name.replace(/^[\s_.\\-]+/, "")),
    ),
  ];
}

function isPersonal(name: string): boolean {
  return (name.match(LETTERS)?.length ?? 0) >= MIN_LETTERS && !IMPERSONAL.has(name.toLowerCase());
}

function ownerOf(home: string): string | undefined {
  const segments = segmentsOf(home);
  const holder = segments.at(-2);
  return holder !== undefined && HOLDERS.has(holder.toLowerCase()) ? segments.at(-1) : undefined;
}
