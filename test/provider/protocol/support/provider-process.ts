import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import {
  type Client,
  type ClientReadableStream,
  credentials,
  makeGenericClientConstructor,
  type ServiceDefinition,
} from "@grpc/grpc-js";
import { bundleProvider } from "../../../../build/provider-bundle";
import {
  createServerCertificate,
  type ServerCertificate,
} from "../../../../lib/provider/protocol/wire/certificate";
import { grpcService } from "../../../../lib/provider/protocol/wire/grpc-services";

export const MAGIC_COOKIE = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";

/** The dummy provider as a program in `directory`, and its version. */
export async function bundleDummy(
  directory: string,
): Promise<{ readonly file: string; readonly version: string }> {
  const name = "terraform-provider-dummy.cjs";
  const entry = resolve(__dirname, "../dummy/main.ts");
  const { content, version } = await bundleProvider(entry, { file: name, packageVersion: "1.0.0" });
  const file = join(directory, name);
  writeFileSync(file, content);
  chmodSync(file, 0o755);
  return { file, version };
}

/** An engine's certificate, which is no other than a provider's: self-signed, of one process. */
export const engineCertificate = createServerCertificate;

interface StartOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Without one the provider is served in plain text. */
  readonly certificate?: ServerCertificate;
}

/** A provider's process as an engine starts it. */
export class ProviderProcess {
  readonly exited: Promise<number | null>;
  #stdout = "";
  #stderr = "";

  private constructor(readonly child: ChildProcess) {
    child.stdout?.on("data", (chunk) => {
      this.#stdout += chunk;
    });
    child.stderr?.on("data", (chunk) => {
      this.#stderr += chunk;
    });
    this.exited = once(child, "close").then(([code]) => code as number | null);
  }

  static start(file: string, { env = {}, certificate }: StartOptions = {}): ProviderProcess {
    const { TMPDIR, PATH } = process.env;
    return new ProviderProcess(
      spawn(file, [], {
        env: {
          ...(TMPDIR && { TMPDIR }),
          PATH,
          TF_PLUGIN_MAGIC_COOKIE: MAGIC_COOKIE,
          PLUGIN_PROTOCOL_VERSIONS: "6,5",
          // Tests leave alone the cache of the user who runs them.
          NODE_DISABLE_COMPILE_CACHE: "1",
          ...(certificate && { PLUGIN_CLIENT_CERT: certificate.certificatePem }),
          ...env,
        },
        stdio: ["ignore", "pipe", "pipe"],
      }),
    );
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** The fields of the handshake line. Rejects where the process ends without one. */
  async handshake(): Promise<readonly string[]> {
    while (!this.#stdout.includes("\n")) {
      await Promise.race([
        once(this.child.stdout as NodeJS.ReadableStream, "data"),
        this.exited.then(() => Promise.reject(new Error(`no handshake: ${this.#stderr}`))),
      ]);
    }
    return (this.#stdout.split("\n")[0] as string).split("|");
  }

  async connect(certificate?: ServerCertificate): Promise<Connection> {
    const [, , , socket, , der] = (await this.handshake()) as string[];
    return new Connection(socket as string, der as string, certificate);
  }
}

/** A connection of an engine to a provider's process. */
export class Connection {
  readonly #client: Client;

  constructor(socket: string, serverDer: string, certificate?: ServerCertificate) {
    const Constructor = makeGenericClientConstructor({}, "Any");
    this.#client = new Constructor(
      `unix:${socket}`,
      serverDer === ""
        ? credentials.createInsecure()
        : credentials.createSsl(
            Buffer.from(pem(serverDer)),
            certificate ? Buffer.from(certificate.privateKeyPem) : null,
            certificate ? Buffer.from(certificate.certificatePem) : null,
          ),
      { "grpc.ssl_target_name_override": "localhost", "grpc.default_authority": "localhost" },
    );
  }

  call(service: string, name: string, request: object): Promise<Record<string, unknown>> {
    const { path, requestSerialize, responseDeserialize } = methodOf(service, name);
    return this.#unary(path, requestSerialize(request), responseDeserialize);
  }

  /** Calls what the interface definitions need not have. */
  callEmpty(path: string): Promise<Record<string, unknown>> {
    return this.#unary(path, Buffer.alloc(0), () => ({}));
  }

  #unary(path: string, request: Buffer, read: (bytes: Buffer) => object): Promise<Record<string, unknown>> {
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(
        path,
        (bytes: Buffer) => bytes,
        read,
        request,
        (error, response) => (error ? reject(error) : resolve(response as Record<string, unknown>)),
      );
    });
  }

  /** Opens the stream by whose end the provider sees the engine's death. */
  openStdio(): ClientReadableStream<object> {
    const { path, requestSerialize, responseDeserialize } = methodOf("plugin.GRPCStdio", "StreamStdio");
    const stream = this.#client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, {});
    stream.on("error", () => {});
    stream.on("data", () => {});
    return stream as ClientReadableStream<object>;
  }

  close(): void {
    this.#client.close();
  }
}

function methodOf(service: string, name: string): ServiceDefinition[string] {
  const method = grpcService(service)[name];
  if (method === undefined) throw new Error(`no method ${service}.${name}`);
  return method;
}

function pem(base64: string): string {
  return `-----BEGIN CERTIFICATE-----\n${Buffer.from(base64, "base64").toString("base64")}\n-----END CERTIFICATE-----\n`;
}
