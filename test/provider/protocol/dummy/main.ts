import { serve } from "../../../../lib/provider/protocol/serve";
import { dummyProvider } from "./dummy-provider";

void serve(dummyProvider());
