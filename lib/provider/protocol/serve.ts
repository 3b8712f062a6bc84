import { Console } from "node:console";
import { X509Certificate } from "node:crypto";
import { type Server, ServerCredentials } from "@grpc/grpc-js";
import { log } from "../../shared/log";
import { printable } from "../../shared/text/printable";
import { startGrpcServer } from "./grpc-server";
import type { Provider } from "./provider";
import { ProviderServer } from "./provider-server";
import type { Lifecycle } from "./wire/auxiliary-services";
import { createServerCertificate } from "./wire/certificate";
import { createSocket, engineSpeaksProtocol, handshakeLine, isStartedByEngine } from "./wire/handshake";

// biome-ignore lint/suspicious/noExplicitAny: a provider of any configuration
type AnyProvider<D> = Provider<any, D>;

/** Serves `provider` to the engine that started this process, and ends the process when the engine is done. */
export async function serve<D>(provider: AnyProvider<D>): Promise<void> {
  if (!isStartedByEngine(process.env)) {
    process.stderr.write(
      "This program is a provider, a part of Terraform and OpenTofu: it does nothing by itself.\nRun terraform or tofu in the directory of a stack that uses it.\n",
    );
    process.exit(1);
  }
  protectProcess();
  // Before anything takes time: the engine may be killed meanwhile.
  const isEngineGone = parentWatch();
  try {
    await handshake(new ProviderServer(provider, isEngineGone), isEngineGone);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    process.stderr.write(`The provider could not start: ${printable(reason)}\n`);
    process.exit(1);
  }
}

/** A provider that is served inside another process, for tests and debuggers. */
export interface InProcessServer {
  readonly socket: string;
  /** The value of `TF_REATTACH_PROVIDERS` that makes engines use this server for the provider at `address`. */
  reattach(address: string): string;
  close(): Promise<void>;
}

/** Serves `provider` without TLS on a socket of its own. Engines may come and go. */
export async function serveInProcess<D>(provider: AnyProvider<D>): Promise<InProcessServer> {
  const { path: socket, remove } = createSocket({});
  const providerServer = new ProviderServer(provider);
  const nothing = () => {};
  const server = await startGrpcServer(socket, ServerCredentials.createInsecure(), providerServer.handlers, {
    shutdown: nothing,
    abandoned: nothing,
  });
  return {
    socket,
    reattach: (address) =>
      JSON.stringify({
        [address]: {
          Protocol: "grpc",
          ProtocolVersion: 6,
          Pid: process.pid,
          Test: true,
          Addr: { Network: "unix", String: socket },
        },
      }),
    close: async () => {
      server.forceShutdown();
      await providerServer.close();
      remove();
    },
  };
}

async function handshake<D>(providerServer: ProviderServer<D>, isEngineGone: () => boolean): Promise<void> {
  if (!engineSpeaksProtocol(process.env)) log("warn", "The engine does not speak plugin protocol 6.");
  const socket = createSocket(process.env);
  process.once("exit", socket.remove);

  const { credentials, certificateDer } = transportSecurity(process.env.PLUGIN_CLIENT_CERT);
  const lifecycle: Lifecycle = {
    shutdown: () => void end(providerServer, server, SHUTDOWN_GRACE_MS, () => providerServer.finish()),
    abandoned: () => {
      log("warn", "The engine is gone: finishing what is under way.");
      providerServer.abandon();
      void providerServer.applied().then(() => end(providerServer, server, ABANDONED_GRACE_MS));
    },
  };
  const server = await startGrpcServer(socket.path, credentials, providerServer.handlers, lifecycle);
  socket.share();
  // A service manager stops engine and provider together. Running applies finish, so that the engine saves
  // their state.
  process.on("SIGTERM", () => providerServer.stop());
  surviveStrayErrors();
  watchEngine(isEngineGone, lifecycle);
  process.stdout.write(handshakeLine(process.env, socket.path, certificateDer), (error) => {
    // If the engine is killed while this process starts, only a change of the parent process shows it.
    if (error) lifecycle.abandoned();
  });
  await socket.clearAbandoned();
}

/** The engine kills a provider that has not ended two seconds after the shutdown call. */
const SHUTDOWN_GRACE_MS = 1_500;
const ABANDONED_GRACE_MS = 30_000;

/** Mutual TLS if the engine has given a certificate: each side accepts only the other's. */
function transportSecurity(clientCertificate: string | undefined): {
  readonly credentials: ServerCredentials;
  readonly certificateDer: Buffer | null;
} {
  if (!clientCertificate) return { credentials: ServerCredentials.createInsecure(), certificateDer: null };
  new X509Certificate(clientCertificate); // Throws for an invalid certificate, on which the gRPC library would throw uncaught.
  const { privateKeyPem, certificatePem, certificateDer } = createServerCertificate();
  const keyPair = { private_key: Buffer.from(privateKeyPem), cert_chain: Buffer.from(certificatePem) };
  return {
    credentials: ServerCredentials.createSsl(Buffer.from(clientCertificate), [keyPair], true),
    certificateDer,
  };
}

let ending = false;

/** Ends the process when all work has finished, after `graceMs` at the latest. */
async function end<D>(
  providerServer: ProviderServer<D>,
  server: Server,
  graceMs: number,
  finish = async () => {},
): Promise<void> {
  if (ending) return;
  ending = true;
  setTimeout(() => process.exit(0), graceMs);
  await Promise.allSettled([
    providerServer
      .applied()
      .then(finish)
      .finally(() => providerServer.close()),
    new Promise((resolve) => server.tryShutdown(resolve)),
  ]);
  process.exit(0);
}

/** Keeps signals, broken pipes and stray output from ending the process during an apply or breaking the handshake. */
function protectProcess(): void {
  // Ctrl-C and a closed terminal signal the whole process group. The engine then stops the provider by a
  // call.
  for (const signal of ["SIGINT", "SIGHUP"] as const) process.on(signal, () => {});
  // The engine reads these: when it is gone, writing fails.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
  // Stdout is reserved for the handshake.
  globalThis.console = new Console(process.stderr);
}

/**
 * An uncaught error concerns one operation at most. If it ended the process, every object that is being
 * created would be missing from the state.
 */
function surviveStrayErrors(): void {
  const survive = (error: unknown) =>
    log("error", "Unexpected error", { error: error instanceof Error ? error.stack : String(error) });
  process.on("uncaughtException", survive);
  process.on("unhandledRejection", survive);
}

/** Whether the process that has started this one has ended: it has another parent then. */
function parentWatch(): () => boolean {
  const parent = process.ppid;
  return () => process.ppid !== parent;
}

/** Detects an engine that was killed before it opened its output stream. Later the stream's end shows it at once. */
function watchEngine(isEngineGone: () => boolean, { abandoned }: Lifecycle): void {
  const timer = setInterval(() => {
    if (!isEngineGone()) return;
    clearInterval(timer);
    abandoned();
  }, 1_000);
  timer.unref();
}
