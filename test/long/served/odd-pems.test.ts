import { vi } from "vitest";
import { oddDovecot } from "../../e2e/served/odd-dovecot";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });
oddDovecot("2.4");
