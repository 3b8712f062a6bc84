import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { OTHER_UID } from "../../../support/machine";
import { RENAMEAT2 } from "../../../support/renameat2";

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

/** Plants links, and now and then a directory, at names of a directory until it is killed. */
const PLANT = `
my ($directory, $targets, @names) = @ARGV;
my @targets = split /,/, $targets;
$| = 1;
print "begun";
while (1) {
  my $path = "$directory/$names[rand @names]";
  symlink($targets[rand @targets], "$directory/.planted");
  rename("$directory/.planted", $path);
  if (rand() < 0.1) {
    unlink($path);
    mkdir($path);
    select(undef, undef, undef, 0.001);
    rmdir($path);
  }
  select(undef, undef, undef, rand(0.004)) if rand() < 0.7;
}
`;

/** Another user of a host, at work for as long as a test wants. */
export class OtherUser {
  private constructor(private readonly child: ChildProcess) {}

  /** Begins to swap what is at two paths in a directory of that user. */
  static async exchange(one: string, other: string): Promise<OtherUser> {
    return OtherUser.#run(EXCHANGE, String(RENAMEAT2[process.arch]), one, other);
  }

  /** Begins to plant links to `targets` at names of a directory of that user. */
  static async plant(
    directory: string,
    targets: readonly string[],
    names: readonly string[],
  ): Promise<OtherUser> {
    return OtherUser.#run(PLANT, directory, targets.join(","), ...names);
  }

  static async #run(program: string, ...args: readonly string[]): Promise<OtherUser> {
    const identity = ["--reuid", String(OTHER_UID), "--regid", String(OTHER_UID), "--clear-groups"];
    const child = spawn("setpriv", [...identity, "perl", "-e", program, ...args], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [begun] = await Promise.race([once(child.stdout, "data"), once(child, "close")]);
    if (String(begun) !== "begun") throw new Error("the other user could not begin");
    return new OtherUser(child);
  }

  async end(): Promise<void> {
    this.child.kill("SIGKILL");
    await once(this.child, "close");
  }
}
