import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { downloadWithin } from "../../../../lib/cli/verify/revocation/download";

async function served(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/list`;
}

it("GIVEN a list THEN it is there as it was sent", async () => {
  const url = await served((_, response) => response.end(Buffer.of(0x30, 0, 0xff)));
  expect(await downloadWithin(5000)(url)).toEqual(Buffer.of(0x30, 0, 0xff));
});

it("GIVEN another status, or a redirect THEN it is said, and no other URL is asked", async () => {
  const asked: string[] = [];
  const url = await served((request, response) => {
    asked.push(request.url ?? "");
    response.writeHead(request.url === "/list" ? 302 : 200, { Location: "/elsewhere" }).end("list");
  });
  await expect(downloadWithin(5000)(url)).rejects.toThrow(
    "cannot be fetched: the server answers with status 302",
  );
  expect(asked).toEqual(["/list"]);
});

it("GIVEN a server that does not answer, or does not end THEN that is said", async () => {
  const silent = await served(() => {});
  const endless = await served((_, response) => void response.writeHead(200).write("a"));
  for (const url of [silent, endless]) {
    await expect(downloadWithin(100)(url)).rejects.toThrow("cannot be fetched: it did not come in time");
  }
});

it("GIVEN too much, compressed too THEN it is not read to its end", async () => {
  const zeros = Buffer.alloc(1 << 20);
  const url = await served((_, response) => {
    const more = () => {
      while (response.write(zeros)) {}
      response.once("drain", more);
    };
    more();
  });
  await expect(downloadWithin(60_000)(url)).rejects.toThrow("has more than 33554432 bytes");
});

it("GIVEN nothing that listens THEN the reason is said", async () => {
  await expect(downloadWithin(5000)("http://127.0.0.1:1/list")).rejects.toThrow(
    /cannot be fetched: .*ECONNREFUSED|bad port/,
  );
});
