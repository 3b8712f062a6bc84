import { describe, expect, it } from "vitest";
import { ProxyFault, proxyFor } from "../../../lib/shared/http/proxy";

describe("the proxy of the environment", () => {
  const proxy = "http://proxy.test:3128";

  it.each([
    ["ca.test", { HTTPS_PROXY: proxy }, "proxy.test:3128"],
    ["ca.test", { https_proxy: "proxy.test:8080" }, "proxy.test:8080"],
    ["ca.test", { HTTPS_PROXY: "https://u:p@proxy.test:8443" }, "proxy.test:8443"],
    ["ca.test", {}, undefined],
    ["ca.test", { HTTPS_PROXY: "" }, undefined],
    ["ca.test", { HTTP_PROXY: proxy }, undefined],
    ["localhost", { HTTPS_PROXY: proxy }, undefined],
    ["127.0.0.1", { HTTPS_PROXY: proxy }, undefined],
    ["ca.test", { HTTPS_PROXY: proxy, NO_PROXY: "*" }, undefined],
    ["acme.ca.test", { HTTPS_PROXY: proxy, NO_PROXY: "other.test, CA.test" }, undefined],
    ["ca.test", { HTTPS_PROXY: proxy, no_proxy: ".ca.test" }, "proxy.test:3128"],
    ["acme.ca.test", { HTTPS_PROXY: proxy, no_proxy: ".ca.test" }, undefined],
    ["notca.test", { HTTPS_PROXY: proxy, NO_PROXY: "ca.test" }, "proxy.test:3128"],
    ["ca.test", { HTTPS_PROXY: proxy, NO_PROXY: "ca.test:443" }, undefined],
    ["ca.test", { HTTPS_PROXY: proxy, NO_PROXY: "ca.test:8443" }, "proxy.test:3128"],
  ])("GIVEN %s and %j THEN it is %s", (host, environment, expected) => {
    expect(proxyFor(host, 443, environment)?.host).toBe(expected);
  });

  it.each([
    "socks5://me:secret@proxy.test",
    "http://me:secret@",
    "http://me:secret%@proxy.test",
    "http://%zz:secret@proxy.test",
  ])("GIVEN %s THEN it is refused, without its password", (wrong) => {
    const asked = () => proxyFor("ca.test", 443, { HTTPS_PROXY: wrong });
    expect(asked).toThrow(ProxyFault);
    expect(asked).toThrow(/^(?!.*secret).*HTTPS_PROXY/);
  });
});
