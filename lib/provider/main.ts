import { mailSniProvider } from "./mail-sni-provider";
import { serve } from "./protocol/serve";

void serve(mailSniProvider());
