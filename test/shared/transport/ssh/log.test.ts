import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SshLog } from "../../../../lib/shared/transport/ssh/log";

const TEXT =
  "debug1: Server host key: ssh-ed25519 SHA256:abc\r\nWelcome\r\n" +
  "debug1: Entering interactive session.\r\nchannel 3: open failed: connect failed: Connection refused\r\n";

describe("the log of ssh", () => {
  it("GIVEN its text in pieces of any size THEN the same is read", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(TEXT.length), { maxLength: 5 }), (cuts) => {
        const log = new SshLog();
        const places = [0, ...cuts.sort((one, other) => one - other), TEXT.length];
        places.slice(1).forEach((end, index) => {
          log.read(TEXT.slice(places[index], end));
        });
        expect(log).toMatchObject({
          words: ["Welcome"],
          serverKey: "ssh-ed25519 SHA256:abc",
          ready: true,
          refusals: 1,
          lastRefusal: "connect failed: Connection refused",
        });
      }),
    );
  });

  it("GIVEN much to read THEN the last of it is kept", () => {
    const log = new SshLog();
    log.read(Array.from({ length: 1000 }, (_, index) => `line ${index}\n`).join(""));
    expect(log.words).toHaveLength(50);
    expect(log.words.at(-1)).toBe("line 999");
  });

  it("GIVEN a line without an end THEN no more of it is kept than a line has", () => {
    const log = new SshLog();
    for (let count = 0; count < 1000; count++) log.read("x".repeat(100_000));
    log.read("\nbehind it\n");
    expect(log.words.map(({ length }) => length)).toEqual([2_000, 9]);
  });
});
