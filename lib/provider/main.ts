import { setFlagsFromString } from "node:v8";
import { mailSniProvider } from "./mail-sni-provider";
import { serve } from "./protocol/serve";

// What is dead is swept more often rather than kept, young or old: of a process for a thousand resources, half as much
// memory, and hardly more time. V8 would let the heap be several times what is in use before it looks.
setFlagsFromString("--semi-space-growth-factor=1");
setFlagsFromString("--heap-growing-percent=40");

void serve(mailSniProvider());
