import { execFileSync } from "node:child_process";
import { chmodSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { removeAbandonedSockets } from "../../../shared/abandoned-sockets";
import { fitsSocketPath, LONGEST_SOCKET_PATH, makeSocketDirectory } from "../../../shared/socket-path";

/** The environment variables in which an engine says what it expects of the provider. */
export type Environment = Readonly<Record<string, string | undefined>>;

const MAGIC_COOKIE = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";
const PROTOCOL_VERSION = 6;

/** Whether an engine started this process, and not a person. */
export function isStartedByEngine(environment: Environment): boolean {
  return environment.TF_PLUGIN_MAGIC_COOKIE === MAGIC_COOKIE;
}

/** Whether the engine speaks protocol 6. If not, the engine reports it when it reads the handshake line. */
export function engineSpeaksProtocol(environment: Environment): boolean {
  const versions = environment.PLUGIN_PROTOCOL_VERSIONS?.split(",").map((version) => Number(version.trim()));
  return versions?.includes(PROTOCOL_VERSION) ?? true;
}

/** The handshake line. The engine waits for it, and nothing may be printed before it. */
export function handshakeLine(
  environment: Environment,
  socket: string,
  certificateDer: Uint8Array | null,
): string {
  // The engine's decoder refuses padding.
  const certificate =
    certificateDer === null ? "" : Buffer.from(certificateDer).toString("base64").replace(/=+$/, "");
  const fields = [1, PROTOCOL_VERSION, "unix", socket, "grpc", certificate];
  // The field is added only if it is requested: other engines would read it as part of the certificate.
  if (environment.PLUGIN_MULTIPLEX_GRPC) fields.push("false");
  return `${fields.join("|")}\n`;
}

/** The socket of this process, in a directory of its own. */
export interface Socket {
  readonly path: string;
  /** Sets the group that the engine requested. Call it once the socket is bound. */
  share(): void;
  remove(): void;
  /** Removes sockets that killed processes have left in the same directory. */
  clearAbandoned(): Promise<void>;
}

/**
 * Creates a directory that only this user can enter, in the one that the engine names, or else in that for
 * temporary files. Throws if the path would be too long for a Unix socket: Node truncates it without an
 * error, and the engine would time out.
 */
export function createSocket(environment: Environment, temporaryDirectory = tmpdir()): Socket {
  const { PLUGIN_UNIX_SOCKET_DIR: requested, PLUGIN_UNIX_SOCKET_GROUP: group } = environment;
  const parents = (requested ? [requested] : [temporaryDirectory, "/tmp"])
    .map((parent) => resolve(parent))
    .filter(isFitForSocket);
  if (parents.length === 0) {
    throw new Error(
      `${requested ? "PLUGIN_UNIX_SOCKET_DIR" : "TMPDIR"} is too long for a Unix socket, whose path has at most ${LONGEST_SOCKET_PATH} bytes, or has a character that cannot be told to the engine: choose another directory.`,
    );
  }
  const directory = makeSocketDirectory(parents, PREFIX);
  const path = join(directory, FILE_NAME);
  return {
    path,
    share: () => {
      if (group) shareWith(group, directory, path);
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
    clearAbandoned: () => removeAbandonedSockets({ own: directory, prefix: PREFIX, socket: FILE_NAME }),
  };
}

const PREFIX = "plugin-";
const FILE_NAME = "s";

function isFitForSocket(parent: string): boolean {
  return fitsSocketPath(parent, PREFIX, FILE_NAME) && !/[|\r\n]/.test(parent);
}

function shareWith(group: string, directory: string, socket: string): void {
  execFileSync("chgrp", ["--", group, directory, socket], { stdio: ["ignore", "ignore", "inherit"] });
  chmodSync(directory, 0o710);
  chmodSync(socket, 0o660);
}
