import { readFileSync } from "node:fs";
import { connect } from "node:tls";

/** A handshake with each port for each name, so many at a time: the least that Node.js can do. */
const [namesFile = "", ports = "", atOnce = ""] = process.argv.slice(2);

const names: readonly string[] = JSON.parse(readFileSync(namesFile, "utf8"));
const waiting = names.flatMap((name) => ports.split(",").map((port) => ({ name, port: Number(port) })));

function handshake(name: string, port: number): Promise<void> {
  return new Promise((done, reject) => {
    const socket = connect({ host: "127.0.0.1", port, servername: name, rejectUnauthorized: false }, () => {
      if (!socket.getPeerCertificate().subjectaltname?.includes(name)) {
        reject(new Error(`The server on port ${port} presents another certificate for ${name}.`));
      }
      socket.end(done);
    });
    socket.once("error", reject);
  });
}

async function work(): Promise<void> {
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop())
    await handshake(next.name, next.port);
}

void Promise.all(Array.from({ length: Number(atOnce) }, work));
