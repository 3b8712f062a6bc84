import { describe, expect, it } from "vitest";
import { engineEnvironment } from "../../../lib/cli/engine/environment";

describe("engineEnvironment", () => {
  it("THEN the engine asks nothing, looks for no version, and only warns of an unreachable host", () => {
    expect(engineEnvironment({ PATH: "/bin" })).toEqual({
      PATH: "/bin",
      MAIL_SNI_ON_UNREACHABLE: "warn",
      CHECKPOINT_DISABLE: "1",
      TF_IN_AUTOMATION: "1",
      TF_INPUT: "0",
    });
  });

  it("GIVEN that the user wants unreachable hosts to fail THEN they do", () => {
    expect(engineEnvironment({ MAIL_SNI_ON_UNREACHABLE: "fail" })).toMatchObject({
      MAIL_SNI_ON_UNREACHABLE: "fail",
    });
  });

  it.each(["TF_LOG", "TF_LOG_CORE", "TF_LOG_PROVIDER"])(
    "GIVEN %s THEN it is passed on only with a path for the log",
    (name) => {
      expect(engineEnvironment({ [name]: "trace" })).not.toHaveProperty(name);
      expect(engineEnvironment({ [name]: "trace", TF_LOG_PATH: "/secure/log" })).toHaveProperty(
        name,
        "trace",
      );
    },
  );
});
