import { setFlagsFromString } from "node:v8";
import { mailSniProvider } from "./mail-sni-provider";
import { serve } from "./protocol/serve";

// What is young and dead is swept more often rather than kept: tens of megabytes less of each process, and no more time.
setFlagsFromString("--semi-space-growth-factor=1");

void serve(mailSniProvider());
