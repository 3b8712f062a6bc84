import type {
  Server,
  ServerDuplexStream,
  ServerUnaryCall,
  ServerWritableStream,
  sendUnaryData,
} from "@grpc/grpc-js";
import { grpcService } from "./grpc-services";

/** What the engine's plugin library tells the provider's process beside its calls. */
export interface Lifecycle {
  /** The engine is done and waits for the process to end. */
  shutdown(): void;
  /** The engine is gone without a word: killed, most likely. */
  abandoned(): void;
}

const SERVING = 1;

/**
 * The services that every plugin has. Without the controller an engine waits two seconds and kills the process; the
 * stream for output, on which nothing is ever sent, is how the provider sees the engine's death.
 */
export function addAuxiliaryServices(server: Server, lifecycle: Lifecycle): void {
  const streams = new Set<ServerWritableStream<object, object>>();
  server.addService(grpcService("plugin.GRPCController"), {
    Shutdown: (_call: ServerUnaryCall<object, object>, answer: sendUnaryData<object>) => {
      answer(null, {});
      for (const stream of streams) stream.end();
      streams.clear();
      lifecycle.shutdown();
    },
  });
  server.addService(grpcService("plugin.GRPCStdio"), {
    StreamStdio: (stream: ServerWritableStream<object, object>) => {
      streams.add(stream);
      stream.once("cancelled", () => {
        if (streams.delete(stream)) lifecycle.abandoned();
      });
    },
  });
  server.addService(grpcService("plugin.GRPCBroker"), {
    StartStream: (stream: ServerDuplexStream<object, object>) => {
      stream.on("data", () => {}); // Brokered connections are for plugins that call back: there are none.
      stream.once("end", () => stream.end());
      stream.on("error", () => {});
    },
  });
  server.addService(grpcService("grpc.health.v1.Health"), {
    Check: (_call: ServerUnaryCall<object, object>, answer: sendUnaryData<object>) =>
      answer(null, { status: SERVING }),
  });
}
