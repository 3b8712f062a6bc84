import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

/** What a reader of a file found while it was being changed. */
export interface Sightings {
  readonly reads: number;
  /** How often it could not be opened. */
  readonly misses: number;
  /** Every text that was read, in the order in which they were first seen. */
  readonly texts: readonly string[];
}

/**
 * Reads a file again and again, without a pause, in a process of its own: as a mail server does that opens its default
 * certificate for each connection.
 */
export class FileWatch {
  private constructor(private readonly child: ChildProcess) {}

  /** Resolves when the file has been read for the first time. */
  static async start(path: string): Promise<FileWatch> {
    const child = spawn(process.execPath, ["-e", PROGRAM, path], {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    await once(child, "message");
    return new FileWatch(child);
  }

  async stop(): Promise<Sightings> {
    const answer = once(this.child, "message");
    this.child.send("stop");
    const [sightings] = await answer;
    this.child.disconnect();
    return sightings as Sightings;
  }
}

const PROGRAM = `
const { readFileSync } = require("node:fs");
const path = process.argv[1];
const texts = new Set();
let [reads, misses, stopped] = [0, 0, false];
process.on("message", () => { stopped = true; });
process.on("disconnect", () => process.exit());
function look() {
  for (let round = 0; round < 200; round += 1) {
    reads += 1;
    try { texts.add(readFileSync(path, "utf8")); } catch { misses += 1; }
  }
  if (reads === 200) process.send("reading");
  if (stopped) process.send({ reads, misses, texts: [...texts] });
  else setImmediate(look);
}
look();
`;
