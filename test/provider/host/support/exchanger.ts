import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { RENAMEAT2 } from "../../../support/renameat2";

/** Debian's `nobody`. */
export const OTHER_UID = 65_534;

/**
 * Swaps two names until it is killed: sometimes as fast as possible, sometimes with pauses of up to 30 ms, so that swaps
 * also fall between two steps of a change. Each swap is one system call, so no state in between can stop it.
 */
const EXCHANGE = `
my ($number, $one, $other) = @ARGV;
syscall($number + 0, -100, $one, -100, $other, 2) == 0 or die "no exchange: $!";
$| = 1;
print "begun";
while (1) {
  my $pause = rand() < 0.3 ? 0 : rand(0.03);
  for (1 .. ($pause ? 5 : 300)) {
    syscall($number + 0, -100, $one, -100, $other, 2);
    select(undef, undef, undef, $pause) if $pause;
  }
}
`;

/** Another user of a host, at work for as long as a test wants. */
export class Exchanger {
  private constructor(private readonly child: ChildProcess) {}

  /** Begins to swap what is at two paths in a directory of that user. */
  static async begin(one: string, other: string): Promise<Exchanger> {
    const identity = ["--reuid", String(OTHER_UID), "--regid", String(OTHER_UID), "--clear-groups"];
    const exchange = ["perl", "-e", EXCHANGE, String(RENAMEAT2[process.arch]), one, other];
    const child = spawn("setpriv", [...identity, ...exchange], { stdio: ["ignore", "pipe", "inherit"] });
    const [begun] = await Promise.race([once(child.stdout, "data"), once(child, "close")]);
    if (String(begun) !== "begun") throw new Error("the names could not be swapped");
    return new Exchanger(child);
  }

  async end(): Promise<void> {
    this.child.kill("SIGKILL");
    await once(this.child, "close");
  }
}
