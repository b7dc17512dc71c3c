import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import { join } from "node:path";
import { crc32, gzipSync } from "node:zlib";

/** Something that was done to the spool while nobody used it. */
export interface Tampering {
  readonly name: string;
  /** Whether the folder's contents are no longer ours, so that none of them may be sent. */
  readonly disowns?: true;
  /** @param segment One of the folder's files, with good records in it. */
  apply(folder: string, segment: string): void;
}

const MIB = 1024 * 1024;
const LONG = 30 * MIB;
const SPARSE = 1024 * MIB;
const DEEP = 200_000;
const NOBODY = 65_534;
const PAST = new Date(0);
const FUTURE = new Date(Date.UTC(2100, 0));
const isRoot = process.getuid?.() === 0;

/** A line with its correct checksum, whatever it contains. */
function sealed(start: string | Buffer): Buffer {
  const bytes = Buffer.from(start as string);
  const tail = `,"checksum":"${crc32(bytes).toString(16).padStart(8, "0")}"}\n`;
  return Buffer.concat([bytes, Buffer.from(tail)]);
}

/** Additional lines after the first line of a segment, between good ones. */
function line(name: string, ...lines: readonly (string | Uint8Array)[]): Tampering {
  return {
    name,
    apply(_folder, segment) {
      const bytes = fs.readFileSync(segment);
      const at = bytes.indexOf(0x0a) + 1;
      const inserted = lines.map((each) => Buffer.concat([Buffer.from(each as string), NEWLINE]));
      fs.writeFileSync(
        segment,
        Buffer.concat([bytes.subarray(0, at), ...inserted, bytes.subarray(at)]),
      );
    },
  };
}

/** A file beside the segments. */
function file(
  name: string,
  make: (path: string, segment: string) => void,
  as = "0....0.odd.ndjson",
): Tampering {
  return { name, apply: (folder, segment) => make(join(folder, as), segment) };
}

const NEWLINE = Buffer.of(0x0a);
const HEAD: Readonly<Record<string, string>> = {
  v: "1",
  id: '"odd"',
  count: "1",
  urgent: "true",
  time: String(Date.now()),
  contentType: '"application/json"',
};

/** A record as we write it, except for some members, which are given as JSON. */
function record(
  change: Readonly<Record<string, string>>,
  body: string | Buffer = '{"odd":1}',
): Buffer {
  const head = Object.entries({ ...HEAD, ...change })
    .filter(([, value]) => value !== "")
    .map(([key, value]) => `"${key}":${value}`)
    .join(",");
  return sealed(Buffer.concat([Buffer.from(`{${head},"body":`), Buffer.from(body as string)]));
}

function members(member: string, values: readonly string[]): Tampering[] {
  return values.map((value) =>
    line(
      `${member} is ${value === "" ? "missing" : value.slice(0, 24)}`,
      record({ [member]: value }),
    ),
  );
}

const open = (levels: number): string => "[".repeat(levels);
const close = (levels: number): string => "]".repeat(levels);
const base64 = (body: string): Buffer => record({ encoding: '"base64"' }, body);

/** About a hundred kinds. */
export const TAMPERINGS: readonly Tampering[] = [
  ...members("count", ["0", "-1", "1.5", "1e15", "1e400", '"1"', "null", "true", "[1]", "{}", ""]),
  ...members("id", ["1", "null", '""', "[]", "{}", "", `"${"x".repeat(MIB)}"`]),
  ...members("v", ["0", "2", '"1"', "null", ""]),
  ...members("time", ['"now"', "null", "{}", ""]),
  ...members("urgent", ["1", '"yes"', "null", ""]),
  ...members("contentType", [
    "5",
    '""',
    '"x"',
    "{}",
    '"a/b\\r\\nX-Evil: 1"',
    `"${"x".repeat(MIB)}"`,
  ]),
  ...members("encoding", ["5", '"utf8"', "{}", "null"]),
  line("a body that is a length", base64('{"length":4294967295}')),
  line("a body that is a smaller length", base64('{"length":999999999}')),
  line("a body that is a number", base64("4294967295")),
  line("a body that is null", base64("null")),
  line("a body that is a list", base64("[1,2,3]")),
  line("a body that is no base64", base64('"!!!!"')),
  line("a body that ends early", base64('"YQ')),
  line("no body", record({}, "")),
  line("a body that is no JSON", record({}, '{"a":')),
  line("a body of NUL", record({}, Buffer.alloc(64))),
  line("a body that is no UTF-8", record({}, Buffer.from([0x22, 0xff, 0xfe, 0x22]))),
  line("a body that is deep and open", record({}, `{"a":${open(DEEP)}`)),
  line("a body of two values", record({}, '{"a":1}{"b":2}')),
  line("a body that closes the batch", record({}, '{"a":1}]}')),
  line("a head that is deep", record({ x: open(DEEP) + close(DEEP) })),
  line("a head that is long", record({ x: `"${"y".repeat(LONG)}"` })),
  line("a head of spaces", record({ x: `${" ".repeat(MIB)}1` })),
  line("a head that is a list", sealed('["v",1,"body":{}')),
  line("a head that is nothing", sealed(',"body":{}')),
  line("a head with a prototype", record({ id: "5", __proto__x: "1", constructor: "{}" })),
  line("acknowledgements of nothing", sealed('{"ack":null')),
  line("acknowledgements of a length", sealed('{"ack":{"length":4294967295}')),
  line("acknowledgements of numbers", sealed('{"ack":[1,2,{}]')),
  line("acknowledgements that are deep", sealed(`{"ack":[${open(DEEP)}${close(DEEP)}]`)),
  line("acknowledgements without an end", sealed(`{"ack":[${'"x",'.repeat(MIB)}"x"]`)),
  line(
    "a checksum that is wrong",
    record({})
      .toString("latin1")
      .replace(/.{3}"\}\n$/, '000"}'),
  ),
  line(
    "a checksum that is short",
    record({})
      .toString("latin1")
      .replace(/.{3}"\}\n$/, '"}'),
  ),
  line("a checksum and nothing else", sealed("")),
  line("a line that is torn", record({}).subarray(0, 60)),
  line("a line that begins late", record({}).subarray(20)),
  line("a line with a carriage return", Buffer.concat([record({}).subarray(0, -1), Buffer.of(13)])),
  line("empty lines", Buffer.alloc(MIB, 0x0a)),
  line("spaces", " ".repeat(MIB)),
  line("a huge line", Buffer.alloc(LONG, 0x78)),
  line("a huge line that begins well", record({}).subarray(0, 60), Buffer.alloc(LONG, 0x78)),
  line("a huge line of brackets", open(8 * MIB)),
  line("many lines of nonsense", "x\n".repeat(100_000)),
  line("many lines that nearly are ours", '{"v":1,"id":"a"}\n'.repeat(20_000)),
  line("NUL bytes", Buffer.alloc(MIB)),
  line("a lone surrogate and a byte order mark", Buffer.from([0xef, 0xbb, 0xbf, 0xed, 0xa0, 0x80])),
  line("UTF-16", Buffer.from(record({}).toString("latin1"), "utf16le")),
  line(
    "gzip",
    gzipSync(record({})).filter((byte) => byte !== 0x0a),
  ),
  line("the same record twice", record({ id: "5" }), record({ id: "5" })),
  {
    name: "every line twice",
    apply: (_folder, segment) => fs.appendFileSync(segment, fs.readFileSync(segment)),
  },
  {
    name: "a copy of the segment",
    apply: (folder, segment) => fs.copyFileSync(segment, join(folder, "0....0.copy.ndjson")),
  },
  { name: "dated 1970", apply: (_folder, segment) => fs.utimesSync(segment, PAST, PAST) },
  { name: "dated 2100", apply: (_folder, segment) => fs.utimesSync(segment, FUTURE, FUTURE) },
  file("an empty file", (path) => fs.writeFileSync(path, "")),
  file("a sparse file of 1 GiB", (path) => {
    fs.writeFileSync(path, "");
    fs.truncateSync(path, SPARSE);
  }),
  file("a file of 100 MiB", (path) => fs.writeFileSync(path, Buffer.alloc(100 * MIB, 0x61))),
  file("a folder", (path) => fs.mkdirSync(path)),
  file("a link to a file", (path) => fs.symlinkSync("/etc/passwd", path)),
  file("a link to nothing", (path) => fs.symlinkSync("/nonexistent", path)),
  file("a link to itself", (path) => fs.symlinkSync(path, path)),
  file("a link to a device", (path) => fs.symlinkSync("/dev/zero", path)),
  file("a link to a segment", (path, segment) => fs.symlinkSync(segment, path)),
  file("a pipe", (path) => execFileSync("mkfifo", [path])),
  file("a second name of another file", (path, segment) => {
    const elsewhere = join(segment, "..", "..", "elsewhere");
    fs.writeFileSync(elsewhere, record({ id: '"elsewhere"' }));
    fs.linkSync(elsewhere, path);
  }),
  file("a file that anybody may write", (path) => {
    fs.writeFileSync(path, record({}));
    fs.chmodSync(path, 0o666);
  }),
  ...(isRoot
    ? [
        file("a file of another user", (path) => {
          fs.writeFileSync(path, record({}));
          fs.chownSync(path, NOBODY, NOBODY);
        }),
      ]
    : []),
  file(
    "a name of a process that cannot be",
    (path) => fs.writeFileSync(path, ""),
    "9999999999.1.1.aa.0.odd.ndjson",
  ),
  file(
    "a name of the first process",
    (path) => fs.writeFileSync(path, record({})),
    "1.1...0.odd.ndjson",
  ),
  file("a name that is long", (path) => fs.writeFileSync(path, ""), `${"x".repeat(248)}.ndjson`),
  file("a name that is no UTF-8", (path) =>
    fs.writeFileSync(Buffer.concat([Buffer.from(path), Buffer.from([0xff, 0xfe])]), ""),
  ),
  {
    name: "5,000 names that are not ours",
    apply: (folder) => {
      for (let i = 0; i < 5_000; i++) fs.writeFileSync(join(folder, `!${i}`), "");
    },
  },
  {
    name: "a folder that anybody may write",
    disowns: true,
    apply: (folder) => fs.chmodSync(folder, 0o777),
  },
  {
    name: "a folder above that anybody may write",
    disowns: true,
    apply: (folder) => fs.chmodSync(join(folder, ".."), 0o777),
  },
  {
    name: "a folder that is a link",
    disowns: true,
    apply(folder) {
      fs.renameSync(folder, `${folder}.elsewhere`);
      fs.symlinkSync(`${folder}.elsewhere`, folder);
    },
  },
  {
    name: "a folder that is a file",
    disowns: true,
    apply(folder) {
      fs.rmSync(folder, { recursive: true });
      fs.writeFileSync(folder, "");
    },
  },
  ...(isRoot
    ? [
        {
          name: "a folder of another user",
          disowns: true as const,
          apply: (folder: string) => fs.chownSync(folder, NOBODY, NOBODY),
        },
      ]
    : []),
];
